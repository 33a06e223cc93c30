// `npm run bench`: measures runtimes side by side, prints the figures and keeps them in a file.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Lab } from './lab.ts';
import { describeMachine } from './machine.ts';
import { render } from './report.ts';
import { keep, type Suites } from './results.ts';
import { alive } from './suites/alive.ts';
import { checkpoints } from './suites/checkpoint.ts';
import { cold } from './suites/cold.ts';
import { commands } from './suites/commands.ts';
import { library } from './suites/library.ts';
import { limits } from './suites/limits.ts';
import { loop } from './suites/loop.ts';
import { sizes } from './suites/size.ts';

const usage = `bench/run [OPTIONS] [SUITE…]

suites: commands, seccomp, time, idle, checkpoint, library, cold, loop, alive, limits, size; without a name all of them
  --runtime PROGRAM  instead of runts, runc and crun; can be repeated, the others are compared with the first
  --rounds N         quiet rounds of each command (default 20)
  --patience S       seconds for each operation until enough rounds were quiet (default 4)
  --pause MS         before each command of the suite idle (default 150)
  --full             more rounds, and up to 5 000 containers alive instead of 100
  --json FILE        where the figures are kept (default build/bench.json)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    patience: { type: 'string', default: '4' },
    pause: { type: 'string', default: '150' },
    full: { type: 'boolean', default: false },
    json: { type: 'string', default: join(import.meta.dirname, '../build/bench.json') },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds ?? (values.full ? 60 : 20));
const patience = Number(values.patience);
const pause = Number(values.pause);
const few = Math.ceil(rounds / 2);
const counts = values.full ? [1, 10, 100, 1000, 5000] : [1, 10, 100];

const suites: { readonly [Name in keyof Suites]-?: (lab: Lab) => Suites[Name] | Promise<Suites[Name]> } = {
  commands: (lab) => commands(lab, { rounds, patience, idle: 0 }),
  seccomp: (lab) => commands(lab, { rounds: few, patience, idle: 0, seccomp: true }),
  time: (lab) => commands(lab, { rounds: few, patience, idle: 0, time: true }),
  idle: (lab) => commands(lab, { rounds: few, patience, idle: pause }),
  checkpoint: (lab) => checkpoints(lab, { rounds: few, patience }),
  library: (lab) => library(lab, { rounds: Math.ceil(rounds / 4), patience }),
  cold: (lab) => cold(lab, { rounds: few, patience }),
  loop: () => loop(Math.ceil(rounds / 4)),
  alive: (lab) => alive(lab, counts),
  limits,
  size: sizes,
};
const names = Object.keys(suites) as (keyof Suites)[];
const unknown = positionals.filter((name) => !names.includes(name as keyof Suites));

if (values.help || unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0) || !(pause >= 0) || !(patience >= 0)) {
  console.error(usage);
  process.exit(values.help ? 0 : 1);
}
if (process.geteuid?.() !== 0) {
  console.error('bench/run needs root: it starts containers');
  process.exit(1);
}

const lab = new Lab(values.runtime);
const machine = describeMachine();
console.log(`${machine.kernel}, ${machine.cpus} × ${machine.cpu}, cgroup ${machine.cgroup}`);
for (const runtime of lab.runtimes) console.log(`  ${runtime.name.padEnd(8)} ${runtime.version.padEnd(16)} ${runtime.path}`);
console.log('medians, and medians of the ratios within a round\n');

const runtimes = lab.runtimes.map(({ name, version }) => ({ name, version }));
try {
  for (const name of names.filter((each) => positionals.length === 0 || positionals.includes(each))) {
    const measured: Suites = { [name]: await suites[name](lab) };
    keep(values.json, { date: new Date().toISOString(), machine, runtimes, suites: measured });
    console.log(`${render(measured)}\n`);
  }
} finally {
  lab.close();
}
console.log(`all figures: ${values.json}`);
