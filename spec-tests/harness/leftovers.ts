import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMounts, processIds, type Suite } from './suite.ts';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Mount points at or below a directory that a process sees, innermost first. */
export function mountsBelow(directory: string, process: number | 'self' = 'self'): string[] {
  return read(`/proc/${process}/mountinfo`)
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

/** Every cgroup directory whose path satisfies `wanted`, deepest first. */
export function cgroups(wanted: (path: string) => boolean): string[] {
  const found: string[] = [];
  const visit = (directory: string) => {
    for (const name of directoryNames(directory)) {
      const path = join(directory, name);
      visit(path);
      if (wanted(path)) found.push(path);
    }
  };
  for (const mount of cgroupMounts()) visit(mount);
  return found;
}

function directoryNames(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Processes whose environment or command line holds a text. Zombies have neither and belong to their parent. */
export function processesWith(text: string): number[] {
  if (text.length < 8) throw new Error(`"${text}" would match processes of others`);
  return processIds().filter(
    (pid) => pid !== process.pid && (read(`/proc/${pid}/environ`).includes(text) || read(`/proc/${pid}/cmdline`).includes(text)),
  );
}

/** What a runtime left and should have removed itself. */
export interface Found {
  readonly processes: readonly number[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
}

/**
 * Ends processes and removes mounts and cgroups of this suite.
 * @throws Error, before it touches anything, when one of them does not carry the suite's marks: this runs as root on a shared machine.
 */
export function sweep(found: Found, suite: Suite): void {
  const { tag, directory } = suite;
  const marked = (path: string) => path.split('/').some((part) => part.startsWith(tag));
  if (tag.length < 8 || directory.length < 8) throw new Error('the suite has no marks');
  const foreign = [...found.mounts.filter((mount) => !mount.startsWith(`${directory}/`)), ...found.cgroups.filter((path) => !marked(path))];
  if (foreign.length > 0) throw new Error(`not of this suite: ${foreign.join(', ')}`);
  const own = new Set(processesWith(`SPEC_SUITE=${tag}`));
  for (const pid of found.processes) if (own.has(pid)) attempt(() => process.kill(pid, 'SIGKILL'));
  for (const mount of found.mounts) attempt(() => execFileSync('umount', ['-l', mount], { stdio: 'ignore' }));
  // A frozen process does not die before it is thawed.
  for (const path of found.cgroups) {
    attempt(() => writeFileSync(join(path, 'freezer.state'), 'THAWED', { flag: 'r+' }));
    attempt(() => writeFileSync(join(path, 'cgroup.freeze'), '0', { flag: 'r+' }));
  }
  for (const path of found.cgroups) {
    for (const pid of read(join(path, 'cgroup.procs')).split('\n').map(Number)) if (pid > 1) attempt(() => process.kill(pid, 'SIGKILL'));
    for (let tries = 0; tries < 200 && existsSync(path); tries++) attempt(() => rmdirSync(path)) || pause(5);
  }
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** What of the host a suite could leave changed. */
export interface HostState {
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly networkNamespaces: readonly string[];
  readonly stateDirectories: readonly string[];
  readonly hostname: string;
}

export function hostState(): HostState {
  const mounts = read('/proc/self/mountinfo').split('\n').filter(Boolean);
  return {
    mounts: mounts.map((line) => line.split(' ').slice(3).join(' ')),
    cgroups: cgroups(() => true),
    networkNamespaces: [...directoryEntries('/run/netns'), ...directoryEntries('/var/run/docker/netns')],
    stateDirectories: ['/run/runts', '/run/runc', '/run/crun'].flatMap(directoryEntries),
    hostname: read('/proc/sys/kernel/hostname'),
  };
}

function directoryEntries(path: string): string[] {
  return existsSync(path) && lstatSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
}

/** Lines that `after` has and `before` lacks, per kind; and a changed hostname. */
export function additions(before: HostState, after: HostState): string[] {
  const found: string[] = [];
  for (const kind of ['mounts', 'cgroups', 'networkNamespaces', 'stateDirectories'] as const) {
    const known = new Set(before[kind]);
    for (const item of after[kind]) if (!known.has(item)) found.push(`${kind}: ${item}`);
  }
  if (before.hostname !== after.hostname) found.push(`hostname: ${after.hostname}`);
  return found;
}

/** Open files of this process that only tests open: ptys, namespaces, and whatever lies in the suite's directory. */
export function openTestFiles(directory: string): string[] {
  const found: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    let target = '';
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue;
    }
    if (target.startsWith(directory) || /^\/dev\/(ptmx|pts\/)|^(net|mnt|pid|user|uts|ipc|cgroup|time):\[/.test(target)) {
      if (Number(fd) > 2) found.push(`fd ${fd}: ${target}`);
    }
  }
  return found;
}
