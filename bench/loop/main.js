// How long the event loop of a process stands still while it makes eight containers at a time; with lib/ built.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { hostPrograms, Runtime, sandbox } = await import(join(import.meta.dirname, '../../lib/index.js'));

const LIMIT_MS = 10;
const rounds = Number(process.env.ROUNDS ?? 25);
const directory = mkdtempSync('/run/runts-bench-');
const runtime = new Runtime({ root: join(directory, 'state'), filterCache: join(directory, 'filters') });
const spec = sandbox({ ...hostPrograms(join(directory, 'root')), args: ['/bin/true'] });

async function round() {
  const made = await Promise.all(Array.from({ length: 8 }, () => runtime.create({ spec })));
  await Promise.all(made.map((container) => container.delete({ force: true })));
}

try {
  // Threads start, and the engine compiles, in the first ones.
  for (let warm = 0; warm < 5; warm++) await round();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let count = 0; count < rounds; count++) await round();
  delay.disable();
  const [most, nearly, mean] = [delay.max, delay.percentile(99), delay.mean].map((nanoseconds) => nanoseconds / 1e6);
  console.log(`event loop delay, ms: ${most.toFixed(2)} at most, ${nearly.toFixed(2)} 99th percentile, ${mean.toFixed(2)} mean`);
  if (most > LIMIT_MS) process.exitCode = 1;
} finally {
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
}
