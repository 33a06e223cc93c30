// How long the event loop of a process stands still while it makes eight containers at a time; with lib/ built.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

const { hostPrograms, Runtime, sandbox } = await import(join(import.meta.dirname, '../../lib/index.js'));

const LIMIT_MS = 10;
const rounds = Number(process.env.ROUNDS ?? 25);
const directory = mkdtempSync('/run/runts-bench-');
// Users of sandboxes have to get to their root.
chmodSync(directory, 0o755);
const runtime = new Runtime({ root: join(directory, 'state'), filterCache: join(directory, 'filters') });
const spec = sandbox({ ...hostPrograms(join(directory, 'root')), args: ['/bin/true'] });

/** Milliseconds that the loop stood still meanwhile: most, 99th percentile, mean. */
async function delayOf(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return [delay.max, delay.percentile(99), delay.mean].map((nanoseconds) => Number((nanoseconds / 1e6).toFixed(2)));
}

async function round() {
  const made = await Promise.all(Array.from({ length: 8 }, () => runtime.create({ spec })));
  await Promise.all(made.map((container) => container.delete({ force: true })));
}

try {
  // Threads start, and the engine compiles, in the first ones.
  for (let warm = 0; warm < 5; warm++) await round();
  // On a machine that is busy with others a loop stands still that has nothing to do.
  const idle = await delayOf(() => setTimeout(2000));
  const busy = await delayOf(async () => {
    for (let count = 0; count < rounds; count++) await round();
  });
  console.log(`event loop delay in ms (most, 99th percentile, mean): ${busy}; with nothing to do ${idle}`);
  if (busy[0] > LIMIT_MS && idle[0] <= LIMIT_MS) process.exitCode = 1;
} finally {
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
}
