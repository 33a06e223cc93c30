// A container beside a virtual machine on the same machine: `bun bench/machines/main.ts [ROUNDS [ALIVE]]`, as root. Both run the same static busybox, which says
// that it is there. The machine is that of the tests (scripts/machine) without its files and with 128 MiB; docs/guides/virtual-machines.md has figures.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKernel } from '../../scripts/machine/kernel.ts';
import { processors } from '../../scripts/machine/processors.ts';
import { needPrograms } from '../../scripts/programs.js';

const root = join(import.meta.dirname, '../..');
const accelerator = existsSync('/dev/kvm') ? 'kvm' : 'tcg';
const [rounds = 10, alive = 10] = process.argv.slice(2).map(Number);

interface Kind {
  readonly name: string;
  /** Words that start one, which prints `ready` and stays. */
  start(id: string): readonly string[];
  /** After all of them were killed. */
  clear(ids: readonly string[]): void;
}

function containers(folder: string): Kind {
  const bundle = join(folder, 'bundle');
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  const runts = [join(root, 'dist/runts'), '--root', join(folder, 'state')] as const;
  execFileSync(runts[0], [...runts.slice(1), 'spec', '--bundle', bundle]);
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.process = { ...config.process, terminal: false, args: ['/bin/busybox', 'sh', '-c', 'echo ready; exec /bin/busybox sleep 1000'] };
  writeFileSync(file, JSON.stringify(config));
  return {
    name: 'container (runts)',
    start: (id) => [...runts, 'run', '--bundle', bundle, id],
    clear: (ids) => ids.forEach((id) => void execFileSync(runts[0], [...runts.slice(1), 'delete', '--force', id])),
  };
}

function machines(folder: string): Kind {
  const files = join(folder, 'initramfs');
  mkdirSync(join(files, 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(files, 'bin/busybox'));
  symlinkSync('busybox', join(files, 'bin/sh'));
  writeFileSync(join(files, 'init'), '#!/bin/sh\necho ready\nexec /bin/busybox sleep 1000\n', { mode: 0o755 });
  const initramfs = join(folder, 'initramfs.cpio');
  execFileSync('sh', ['-c', 'cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null >"$2"', 'sh', files, initramfs]);
  const { image } = findKernel('bookworm', processors.x86_64);
  return {
    name: `virtual machine (QEMU, ${accelerator === 'kvm' ? 'KVM' : 'emulated'})`,
    start: () => [
      ...['qemu-system-x86_64', '-machine', processors.x86_64.machine, '-cpu', 'max', '-accel', accelerator, '-smp', '1', '-m', '128M'],
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-kernel', image, '-initrd', initramfs],
      ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off rdinit=/init'],
    ],
    clear: () => {},
  };
}

/** @returns milliseconds until it has said that it is there */
async function started(words: readonly string[], into: ChildProcess[]): Promise<number> {
  const begin = performance.now();
  const [program = '', ...args] = words;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  into.push(child);
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('ready')) return performance.now() - begin;
  }
  throw new Error(`${program} ended: ${said}`);
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(gone);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The memory of a process and of all that it has started, in KiB, where what several share is counted once: without what the kernel keeps for them. */
function memory(pid: number): number {
  const own = Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + memory(Number(child)), own);
}

async function measure(kind: Kind): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const children: ChildProcess[] = [];
    times.push(await started(kind.start('bench-machines'), children));
    kind.clear(['bench-machines']);
    if (children[0]?.exitCode === null) await end(children);
  }
  const children: ChildProcess[] = [];
  const ids = Array.from({ length: alive }, (_, index) => `bench-machines-${index}`);
  for (const id of ids) await started(kind.start(id), children);
  const each = children.reduce((sum, { pid = 0 }) => sum + memory(pid), 0) / 1024 / alive;
  kind.clear(ids);
  await end(children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null));
  return `| ${kind.name} | ${median(times).toFixed(1)} | ${each.toFixed(1)} | ${Math.floor(1024 / each)} |`;
}

needPrograms('qemu-system-x86_64', 'busybox');
const folder = mkdtempSync(join(tmpdir(), 'runts-machines-'));
try {
  console.log(`Linux ${release()}, ${cpus().length} CPUs, ${cpus()[0]?.model}; ${new Date().toISOString().slice(0, 10)}`);
  console.log('| | start, ms | memory of each, MiB | in 1 GiB |\n| --- | ---: | ---: | ---: |');
  for (const make of [containers, machines]) console.log(await measure(make(folder)));
} finally {
  rmSync(folder, { recursive: true });
}
