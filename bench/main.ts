// Measures runtimes in turn, round after round, so that whatever the machine does hits all of them alike.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileTimer, makeBundle } from './bundle.ts';
import { describeMachine, findRuntimes, type Runtime, startWatch } from './machine.ts';
import { measure, operations, type Sample, startSleeper, stopSleeper } from './operations.ts';
import { render, summarize } from './report.ts';

/** More than this share of one core used by others spoils a round: everything measured here is single-threaded. */
const disturbedAbove = 0.25;
/** Rounds tried for each round asked for, before the benchmark gives up on a quiet machine. */
const patience = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '30' },
    idle: { type: 'string', default: '0' },
    json: { type: 'string', default: join(import.meta.dirname, '../build/bench.json') },
  },
});
const wanted = Number(values.rounds);
const idle = Number(values.idle);
if (!Number.isInteger(wanted) || wanted < 1 || !(idle >= 0)) throw new Error('--rounds takes a number from 1 on, --idle milliseconds');
if (process.geteuid?.() !== 0) {
  console.error('bench/run needs root: it starts containers');
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'runts-bench-'));
const runtimes = findRuntimes(positionals, work);
const machine = describeMachine();
console.log(`${machine.kernel}, ${machine.cpus} × ${machine.cpu}, cgroup ${machine.cgroup}`);
for (const runtime of runtimes) console.log(`  ${runtime.name.padEnd(8)} ${runtime.version.padEnd(16)} ${runtime.path}`);

/** Set by a signal; the containers must be removed before we go. */
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (interrupted = true));

const quiet: Sample[][] = [];
const disturbed: Sample[][] = [];
try {
  const timer = compileTimer(work);
  const bundle = makeBundle(work, runtimes);
  for (const runtime of runtimes) startSleeper(runtime, bundle);

  /** One round: every operation with every runtime, each round beginning with another runtime. */
  const runRound = async (round: number): Promise<Sample[]> => {
    const samples: Sample[] = [];
    for (const operation of operations) {
      for (let turn = 0; turn < runtimes.length; turn++) {
        // Also lets signals in: everything else here is synchronous.
        await new Promise((resolve) => setTimeout(resolve, idle));
        if (interrupted) throw new Error('interrupted');
        samples.push(measure(timer, runtimes[(turn + round) % runtimes.length] as Runtime, operation, bundle));
      }
    }
    return samples;
  };

  await runRound(0);
  for (let round = 1; quiet.length < wanted && round <= wanted * patience; round++) {
    const othersShare = startWatch();
    const samples = await runRound(round);
    (othersShare() > disturbedAbove ? disturbed : quiet).push(samples);
    if (process.stderr.isTTY) process.stderr.write(`\r${quiet.length} of ${wanted} rounds, ${disturbed.length} discarded `);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
} finally {
  for (const runtime of runtimes) stopSleeper(runtime);
  rmSync(work, { recursive: true, force: true });
}

const isQuiet = quiet.length > 0;
const rounds = isQuiet ? quiet : disturbed;
const names = runtimes.map((runtime) => runtime.name);
const results = summarize(rounds, names);
if (isQuiet) console.log(`\n${quiet.length} of ${wanted} rounds, ${disturbed.length} more were disturbed by other processes and discarded`);
else console.log(`\nTHE MACHINE IS BUSY: each of these ${disturbed.length} rounds was disturbed by other processes`);
console.log(`${idle} ms idle before each operation; medians, and the medians of the ratios within a round\n`);
console.log(render(results, names));
const report = {
  date: new Date().toISOString(),
  machine,
  idle,
  quiet: isQuiet,
  rounds: rounds.length,
  discarded: isQuiet ? disturbed.length : 0,
  runtimes: runtimes.map(({ root: _, ...runtime }) => runtime),
  results,
};
writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
console.log(`\nall figures: ${values.json}`);
