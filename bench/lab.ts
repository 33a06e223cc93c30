// What every suite works with, and its removal.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleOptions, compileFloor, compileTimer, makeBundle, makeRootfs } from './bundle.ts';
import { findRuntimes, type Runtime } from './machine.ts';

export class Lab {
  readonly work = mkdtempSync(join(tmpdir(), 'runts-bench-'));
  readonly runtimes: readonly Runtime[];
  readonly timer: string;
  readonly rootfs: string;
  /** Stands beside the runtimes where an operation can do without one. */
  readonly floor: Runtime;
  /** Set by a signal; the containers must be removed before we go. */
  private interrupted = false;

  /** @param named runtimes; empty: runts and the others found */
  constructor(named: readonly string[]) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (this.interrupted = true));
    this.runtimes = findRuntimes(named, this.work);
    this.timer = compileTimer(this.work);
    this.rootfs = makeRootfs(this.work);
    this.floor = { name: 'floor', path: compileFloor(this.work), version: '', root: '' };
  }

  get first(): Runtime {
    return this.runtimes[0] as Runtime;
  }

  bundle(name: string, options: BundleOptions): string {
    return makeBundle(this.work, name, this.first, options);
  }

  /** Ids differ between runtimes and calls of the benchmark: they are also the names of the cgroups. */
  id(runtime: Runtime, purpose: string): string {
    return `bench-${process.pid}-${purpose}-${runtime.name}`;
  }

  words(runtime: Runtime, ...args: string[]): string[] {
    return [runtime.path, '--root', runtime.root, ...args];
  }

  /** Lets signals in: everything else here is synchronous. @throws Error after one */
  async breathe(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.interrupted) throw new Error('interrupted');
  }

  /** Removes every container of a runtime. */
  clear(runtime: Runtime): void {
    for (const id of readdirSync(runtime.root).filter((name) => name.startsWith(`bench-${process.pid}-`))) {
      spawnSync(runtime.path, ['--root', runtime.root, 'delete', '--force', id], { stdio: 'ignore' });
    }
  }

  /** What containers left: cgroups, mounts of this namespace, processes, state. */
  leftovers(): string[] {
    const mark = `bench-${process.pid}-`;
    const cgroups = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${mark}*`], { encoding: 'utf8' }).stdout;
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return [
      ...cgroups.split('\n').filter(Boolean),
      ...mounts.filter((line) => line.includes(this.work)),
      ...readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(mark)),
      ...this.runtimes.flatMap(({ root }) => readdirSync(root).filter((name) => name.startsWith(mark))),
    ];
  }

  /** @throws Error when something of a container is left */
  close(): void {
    for (const runtime of this.runtimes) this.clear(runtime);
    const left = this.leftovers();
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
    rmSync(this.work, { recursive: true, force: true });
  }
}

function commandLine(pid: string): string {
  const file = `/proc/${pid}/cmdline`;
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}
