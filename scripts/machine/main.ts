// Boots a machine of QEMU with one of Debian's kernels, cgroup v2 alone and this machine's files, runs a command in it as root, and ends
// as that does. See options.ts; spec-tests/vm and spec-tests/old-kernel call it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../archive.js';
import { needPrograms } from '../programs.js';
import { Unavailable } from '../unavailable.js';
import { makeInitramfs } from './initramfs.ts';
import { findKernel, type Kernel } from './kernel.ts';
import { isKvmHopeful, noteKvmFailed } from './kvm.ts';
import { type Options, readOptions } from './options.ts';
import { ownProcessor, type ProcessorName, processors } from './processors.ts';
import { type Accelerator, qemuArguments } from './qemu.ts';
import { findRoot } from './root.ts';

/** Seconds within which a machine that hardware virtualizes has started: see kvm.ts. */
const startTime = 20;

/** How many times as long everything may take in an emulated machine. */
const emulated = { SPEC_SLOWNESS: '4' };

const kvmNote = () => join(cacheFolder(), 'kvm-fails-since-boot');

function accelerators(processor: ProcessorName): Accelerator[] {
  return processor === ownProcessor && isKvmHopeful(kvmNote()) ? ['kvm', 'tcg'] : ['tcg'];
}

/** @returns the command's status; undefined when the machine did not start */
async function boot(accelerator: Accelerator, kernel: Kernel, root: string, options: Options, folder: string): Promise<number | undefined> {
  const initramfs = makeInitramfs(folder, kernel, root, options, process.cwd());
  const [log, status] = [join(folder, 'kernel.log'), join(folder, 'status')];
  const diskFile = join(folder, 'disk');
  for (const file of [log, status, diskFile]) writeFileSync(file, '');
  if (options.disk !== undefined) execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', diskFile, options.disk]);
  const files = { image: kernel.image, initramfs, diskFile, root, log, status };
  const qemu = spawn(processors[options.processor].qemu, qemuArguments(accelerator, options, files), {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => qemu.kill(signal));
  const hasStarted = () => readFileSync(log, 'utf8').includes('machine: started');
  const alarms = [setTimeout(() => qemu.kill('SIGKILL'), options.timeout * 1000)];
  if (accelerator === 'kvm') alarms.push(setTimeout(() => hasStarted() || qemu.kill('SIGKILL'), startTime * 1000));
  await new Promise((resolve) => qemu.on('close', resolve));
  for (const alarm of alarms) clearTimeout(alarm);
  const said = readFileSync(status, 'utf8').trim();
  if (/^\d+$/.test(said)) return Number(said);
  console.error(`${readFileSync(log, 'utf8').slice(-4000)}\nmachine: it ended, or had to be ended, before the command did`);
  return hasStarted() ? 1 : undefined;
}

async function bootSomehow(options: Options, folder: string): Promise<number> {
  const kernel = findKernel(options.kernel, processors[options.processor]);
  const root = findRoot(options);
  // Those of the host are in its root.
  const shown = root === '/' ? options.shown : [...options.shown, kernel.modules];
  for (const accelerator of accelerators(options.processor)) {
    const started = Date.now();
    const env = accelerator === 'tcg' ? { ...emulated, ...options.env } : options.env;
    const status = await boot(accelerator, kernel, root, { ...options, shown, env }, folder);
    console.error(`machine: Linux ${kernel.release}, ${accelerator}, ${Math.round((Date.now() - started) / 1000)} s`);
    if (status !== undefined) return status;
    if (accelerator === 'kvm') noteKvmFailed(kvmNote());
  }
  return 1;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  needPrograms('apt-get', 'busybox', 'dpkg-deb', 'mke2fs', processors[options.processor].qemu, 'tar', 'xz');
  if (process.geteuid?.() !== 0) throw new Unavailable('the machine needs root: it has all files of this one');
  const folder = mkdtempSync(join(tmpdir(), 'runts-machine-'));
  try {
    return await bootSomehow(options, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`machine: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof Unavailable ? Unavailable.status : 1;
}
