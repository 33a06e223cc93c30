import { RuntimeError } from '../errors.ts';
import { addon, type SystemError } from '../native/addon.ts';

/** Cgroup directories of a container by controller; "" is the unified hierarchy. */
export type CgroupPaths = Readonly<Record<string, string>>;

/** How long the processes of a killed cgroup get to go away, in milliseconds. */
const DRAIN_TIMEOUT_MS = 10_000;
/** How long an emptied cgroup may refuse to be removed, in milliseconds. */
const REMOVE_TIMEOUT_MS = 2_000;
const SIGKILL = 9;

function readIfThere(path: string): string | undefined {
  try {
    return addon.readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes((error as SystemError).code)) return undefined;
    throw error;
  }
}

/** Whether all controllers live in the unified hierarchy. */
const isUnified = (paths: CgroupPaths): boolean => paths[''] !== undefined && Object.keys(paths).length === 1;

/** Whether the container's cgroup is frozen or about to be. */
export function isFrozen(paths: CgroupPaths): boolean {
  const freezer = paths['freezer'];
  if (freezer !== undefined) return /^FR/.test(readIfThere(`${freezer}/freezer.state`) ?? '');
  return isUnified(paths) && readIfThere(`${paths['']}/cgroup.freeze`)?.trim() === '1';
}

/** Lets a frozen cgroup run again, so that a kill can take effect. */
export function thaw(paths: CgroupPaths): void {
  if (!isFrozen(paths)) return;
  if (paths['freezer'] !== undefined) addon.writeControl(`${paths['freezer']}/freezer.state`, 'THAWED');
  else addon.writeControl(`${paths['']}/cgroup.freeze`, '0');
}

/** A directory and everything below it, deepest first. */
function tree(path: string): string[] {
  try {
    const below = addon.readDirectory(path).filter(({ directory }) => directory);
    return [...below.flatMap(({ name }) => tree(`${path}/${name}`)), path];
  } catch (error) {
    if ((error as SystemError).code === 'ENOENT') return [];
    throw error;
  }
}

function processesBelow(path: string): number[] {
  const pids = tree(path).flatMap((directory) => (readIfThere(`${directory}/cgroup.procs`) ?? '').split('\n'));
  return pids.filter((pid) => pid !== '' && pid !== '0').map(Number);
}

/** The hierarchy in which a container's processes are counted: any will do, since it enters all of them. */
const countingPath = (paths: CgroupPaths): string | undefined =>
  paths['pids'] ?? paths['devices'] ?? paths['memory'] ?? paths['freezer'] ?? paths[''] ?? Object.values(paths)[0];

/** Host pids of everything in the container's cgroup and below it. */
export function cgroupProcesses(paths: CgroupPaths): number[] {
  const path = countingPath(paths);
  return path === undefined ? [] : [...new Set(processesBelow(path))].sort((a, b) => a - b);
}

/** Sends SIGKILL to everything in the cgroup; `cgroup.kill` does it at one stroke where the kernel has it (5.14). */
export function killCgroup(paths: CgroupPaths): void {
  if (isUnified(paths) && addon.stat(`${paths['']}/cgroup.kill`, true)) addon.writeControl(`${paths['']}/cgroup.kill`, '1');
  else for (const pid of cgroupProcesses(paths)) killIfThere(pid);
  thaw(paths);
}

function killIfThere(pid: number): void {
  try {
    addon.kill(pid, SIGKILL);
  } catch (error) {
    if ((error as SystemError).code !== 'ESRCH') throw error;
  }
}

/**
 * Kills what is left in the container's cgroups and removes the directories `made` for it, with whatever the container made below them.
 * @throws RuntimeError CGROUP_BUSY naming the processes that do not go away
 */
export function removeCgroups(paths: CgroupPaths, made: readonly string[]): void {
  if (made.includes(countingPath(paths) ?? '')) drain(paths);
  const own = new Set(Object.values(paths));
  for (const path of [...made].reverse()) {
    // Parents that create had to make may serve other containers by now: only the container's own directories must go.
    const mustGo = own.has(path);
    for (const directory of mustGo ? tree(path) : [path]) removeDirectory(directory, mustGo);
  }
}

function drain(paths: CgroupPaths): void {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  for (let pids = cgroupProcesses(paths); pids.length > 0; pids = cgroupProcesses(paths)) {
    killCgroup(paths);
    if (Date.now() > deadline) throw busy(countingPath(paths) ?? '', pids);
    waitForAny(pids);
  }
}

/** Waits until one of the processes is gone, a tenth of a second at the most. */
function waitForAny(pids: readonly number[]): void {
  const pidfd = pids.map(openProcess).find((fd) => fd !== undefined);
  if (pidfd === undefined) return;
  try {
    addon.pollIn([pidfd], 100);
  } finally {
    addon.close(pidfd);
  }
}

function openProcess(pid: number): number | undefined {
  try {
    return addon.pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

function removeDirectory(path: string, mustGo: boolean): void {
  const deadline = Date.now() + REMOVE_TIMEOUT_MS;
  for (;;) {
    try {
      addon.rmdir(path);
      return;
    } catch (error) {
      const { code } = error as SystemError;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
      if (!mustGo) return;
      if (Date.now() > deadline) throw busy(path, processesBelow(path));
      // An exited process leaves its cgroup a moment after its pidfd says so, and nothing can be waited on for that.
      addon.pollIn([], 2);
    }
  }
}

function busy(path: string, pids: readonly number[]): RuntimeError {
  const names = pids.map((pid) => `${pid} (${readIfThere(`/proc/${pid}/comm`)?.trim() ?? 'gone'})`);
  const survivors = names.length > 0 ? `still in it: ${names.join(', ')}` : 'it is busy';
  return new RuntimeError('CGROUP_BUSY', `unable to remove cgroup ${path}: ${survivors}`);
}
