// The smallest bundle there is: the runtime's own default config.json, and a rootfs of two static programs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from './machine.ts';

function compile(source: string, output: string, flags: readonly string[]): void {
  execFileSync('cc', ['-O2', '-x', 'c', '-', '-o', output, ...flags], { input: source, stdio: ['pipe', 'inherit', 'inherit'] });
}

/** Compiles bench/timer.c. @returns its path */
export function compileTimer(work: string): string {
  const timer = join(work, 'timer');
  compile(readFileSync(join(import.meta.dirname, 'timer.c'), 'utf8'), timer, []);
  return timer;
}

/**
 * `/true` ends at once, `/sleeper` never does. Every runtime gets the same config.json: that of the first one's `spec`,
 * without a terminal.
 * @returns the bundle's path
 */
export function makeBundle(work: string, runtimes: readonly Runtime[]): string {
  const bundle = join(work, 'bundle');
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  compile('int main(void) { return 0; }', join(bundle, 'rootfs/true'), ['-static']);
  compile('#include <unistd.h>\nint main(void) { for (;;) pause(); }', join(bundle, 'rootfs/sleeper'), ['-static']);
  const [first] = runtimes;
  if (first) execFileSync(first.path, ['spec'], { cwd: bundle });
  setCommand(bundle, '/true');
  return bundle;
}

/** Changes the program that the bundle runs. */
export function setCommand(bundle: string, program: string): void {
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  // Old enough for every runtime: some refuse a version newer than themselves.
  config.ociVersion = '1.0.2';
  config.process.terminal = false;
  config.process.args = [program];
  writeFileSync(file, JSON.stringify(config, undefined, 2));
}
