// The smallest bundles there are: the runtime's own default config.json, and a rootfs of four static programs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Compiles bench/floor. @returns its path */
export function compileFloor(work: string): string {
  const floor = join(work, 'floor');
  const folder = join(import.meta.dirname, 'floor');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.c'));
  execFileSync('cc', ['-O2', '-static', '-Wall', '-Werror', '-o', floor, ...sources.map((name) => join(folder, name))]);
  return floor;
}

/** Without a C library: one system call for x86_64 and one for aarch64, again and again. */
const freestanding = (x86: number, arm: number) => `
void _start(void) {
  for (;;)
#ifdef __aarch64__
    __asm__ volatile("mov x8, #${arm}; mov x0, #0; mov x1, #0; mov x2, #0; mov x3, #0; svc #0" ::: "x0", "x1", "x2", "x3", "x8", "memory");
#else
    __asm__ volatile("mov $${x86}, %%eax; xor %%edi, %%edi; syscall" ::: "rax", "rdi", "rcx", "r11", "memory");
#endif
}
`;

/**
 * A rootfs: `/true` ends at once and `/sleeper` never does, both with a C library; `/nothing` and `/pause` do the same without.
 * @returns its path
 */
export function makeRootfs(work: string): string {
  const rootfs = join(work, 'rootfs');
  mkdirSync(rootfs);
  compile('int main(void) { return 0; }', join(rootfs, 'true'), ['-static']);
  compile('#include <unistd.h>\nint main(void) { for (;;) pause(); }', join(rootfs, 'sleeper'), ['-static']);
  compile(freestanding(60, 93), join(rootfs, 'nothing'), ['-static', '-nostdlib']);
  compile(freestanding(34, 73), join(rootfs, 'pause'), ['-static', '-nostdlib']);
  return rootfs;
}

export interface BundleOptions {
  /** Program of the rootfs, and its arguments. */
  readonly args: readonly string[];
  /** Docker's default profile. */
  readonly seccomp?: boolean;
  /** A time namespace, as Docker gives every container since 29.5. */
  readonly time?: boolean;
  readonly memory?: number;
  readonly pids?: number;
}

/**
 * Every runtime gets the same config.json: that of the first one's `spec`, without a terminal.
 * @returns the bundle's path
 */
export function makeBundle(work: string, name: string, first: Runtime, { args, seccomp, time, memory, pids }: BundleOptions): string {
  const bundle = join(work, name);
  mkdirSync(bundle, { recursive: true });
  const file = join(bundle, 'config.json');
  rmSync(file, { force: true });
  execFileSync(first.path, ['spec'], { cwd: bundle });
  const config = JSON.parse(readFileSync(file, 'utf8'));
  // Old enough for every runtime: some refuse a version newer than themselves.
  config.ociVersion = '1.0.2';
  config.root.path = join(work, 'rootfs');
  config.process.terminal = false;
  config.process.args = args;
  delete config.linux.seccomp;
  if (seccomp)
    config.linux.seccomp = JSON.parse(readFileSync(join(import.meta.dirname, '../spec-tests/seccomp-oracle/fixtures/docker.json'), 'utf8'));
  if (time) config.linux.namespaces.push({ type: 'time' });
  if (memory !== undefined) config.linux.resources.memory = { limit: memory };
  if (pids !== undefined) config.linux.resources.pids = { limit: pids };
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return bundle;
}
