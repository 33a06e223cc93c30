// How long the event loop of a process stands still while it makes eight containers at a time, and of that what the process itself does and what
// it waits for a processor, which others have; with lib/ built.
import { chmodSync, closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const { hostPrograms, Runtime, sandbox } = await import(join(import.meta.dirname, '../../lib/bundle/index.js'));

const LIMIT_MS = 10;
const rounds = Number(process.env.ROUNDS ?? 25);
const directory = mkdtempSync('/run/runts-bench-');
// Users of sandboxes have to get to their root.
chmodSync(directory, 0o755);
const runtime = new Runtime({ root: join(directory, 'state'), filterCache: join(directory, 'filters') });
const spec = sandbox({ ...hostPrograms(join(directory, 'root')), args: ['/bin/true'] });

/** Of the thread with the loop (proc_pid_schedstat(5)): milliseconds on a processor, and on the run queue of one. */
const schedule = openSync(`/proc/self/task/${process.pid}/schedstat`);
const text = Buffer.alloc(128);
function spent() {
  const size = readSync(schedule, text, 0, text.length, 0);
  return text
    .toString('latin1', 0, size)
    .split(' ')
    .slice(0, 2)
    .map((nanoseconds) => Number(nanoseconds) / 1e6);
}

/** What passed from one turn of the loop to the next, at least a millisecond each: milliseconds in all, at work, waiting for a processor. */
async function turnsOf(work) {
  const turns = [];
  let before = [performance.now(), ...spent()];
  const timer = setInterval(() => {
    const now = [performance.now(), ...spent()];
    turns.push(now.map((value, index) => value - before[index]));
    before = now;
  }, 1);
  await work();
  clearInterval(timer);
  return turns;
}

/** Most, and 99th percentile. */
function describe(title, turns) {
  const figures = ['in all', 'at work', 'waiting for a processor'].map((name, index) => {
    const sorted = turns.map((turn) => turn[index]).sort((a, b) => b - a);
    return { name, most: sorted[0], rare: sorted[Math.floor(sorted.length / 100)] };
  });
  const named = (values) => Object.fromEntries(['all', 'work', 'wait'].map((name, index) => [name, values[index]]));
  return {
    title,
    most: named(figures.map(({ most }) => most)),
    rare: named(figures.map(({ rare }) => rare)),
    words: figures.map(({ name, most, rare }) => `${name} ${most.toFixed(1)} (${rare.toFixed(1)})`).join(', '),
  };
}

async function round() {
  const made = await Promise.all(Array.from({ length: 8 }, () => runtime.create({ spec })));
  await Promise.all(made.map((container) => container.delete({ force: true })));
}

try {
  // Threads start, and the engine compiles, in the first ones.
  for (let warm = 0; warm < 5; warm++) await round();
  // On a machine that is busy with others a loop stands still that has nothing to do.
  const idle = describe('nothing to do', await turnsOf(() => setTimeout(2000)));
  const busy = describe(
    'eight creates at a time',
    await turnsOf(async () => {
      for (let count = 0; count < rounds; count++) await round();
    }),
  );
  if (process.argv[2] === '--json') console.log(JSON.stringify([busy, idle]));
  else {
    console.log('ms of a turn of the event loop, most (99th percentile):');
    for (const { title, words } of [busy, idle]) console.log(`  ${title}: ${words}`);
  }
  // What it waits for a processor is up to the machine, and to whoever else has work for it.
  if (busy.most.work > LIMIT_MS) process.exitCode = 1;
} finally {
  closeSync(schedule);
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
}
