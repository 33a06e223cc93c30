import { RuntimeError } from '../../errors.ts';
import { SIGKILL } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Context } from '../context.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { stopScope } from '../systemd/scope.ts';
import { type CgroupPaths, cgroupProcesses, countingPath, isUnified, processesBelow, readIfThere } from './cgroup.ts';
import { cgroupUser, hasOtherUser, leaveCgroup, withLeft } from './claims.ts';
import { freeze, thaw, waitForEvent } from './freezer.ts';

/** How long the processes of a killed cgroup get to go away, in milliseconds. */
const DRAIN_TIMEOUT_MS = 10_000;
/** How long what is not the container's own may keep a cgroup before that stays, in milliseconds. */
const OTHERS_TIMEOUT_MS = 2_000;
/** How long processes get to stand still before they are killed: enough for all that can be stopped at once, in milliseconds. */
const HOLD_TIMEOUT_MS = 200;
/** Longest wait between two rounds of killing, in milliseconds. */
const ROUND_MS = 100;

/** Sends SIGKILL to everything in the cgroup; `cgroup.kill` does it at one stroke where the kernel has it (5.14). */
function killCgroup(paths: CgroupPaths): void {
  try {
    if (!killAtOnce(paths)) killStanding(paths);
  } finally {
    // The killed of a frozen cgroup v1 only go away once it is thawed.
    thaw(paths);
  }
}

/** @returns false where that cannot be had: before Linux 5.14, and in threaded cgroups */
function killAtOnce(paths: CgroupPaths): boolean {
  const file = `${paths['']}/cgroup.kill`;
  if (!isUnified(paths) || !addon.stat(file, true)) return false;
  try {
    addon.writeControl(file, '1');
    return true;
  } catch (error) {
    if (!failedWith(error, 'EOPNOTSUPP')) throw error;
    return false;
  }
}

/** Kills one by one what has been brought to a halt, so that nothing forks in between. */
function killStanding(paths: CgroupPaths): void {
  try {
    freeze(paths, HOLD_TIMEOUT_MS);
  } catch (error) {
    // Without a freezer, or with a process that cannot be stopped, the next round gets those that were forked in this one.
    if (!(error instanceof RuntimeError || failedWith(error, 'ENOENT'))) throw error;
  }
  for (const pid of cgroupProcesses(paths)) killIfThere(pid);
}

function killIfThere(pid: number): void {
  try {
    addon.kill(pid, SIGKILL);
  } catch (error) {
    if (!failedWith(error, 'ESRCH')) throw error;
  }
}

/**
 * Whether what is in the container's cgroup besides its init process is the container's own. With a pid namespace of its own everything dies
 * with init, and what is left belongs to others; but not while init is unknown, because create was cut short.
 */
function mayKillAll(context: Context, record: ContainerRecord): boolean {
  const { cgroupPaths, madeCgroups, hasOwnPidNamespace, pid } = record;
  const path = countingPath(cgroupPaths) ?? '';
  return madeCgroups.includes(path) && !(hasOwnPidNamespace && pid > 0) && !hasOtherUser(path, cgroupUser(context, record));
}

/** Kills what init leaves behind where it has no pid namespace of its own. @returns whether there was anything */
export function killOwn(context: Context, record: ContainerRecord): boolean {
  if (!mayKillAll(context, record)) return false;
  const found = cgroupProcesses(record.cgroupPaths).length > 0;
  killCgroup(record.cgroupPaths);
  return found;
}

/**
 * Kills what is left of the container in its cgroups and removes the directories made for it, with whatever the container made below
 * them. A cgroup that others use stays, with a warning. The init process is gone.
 * @throws RuntimeError CGROUP_BUSY naming the processes of the container that do not go away, SYSTEMD_FAILED
 */
export function removeCgroups(context: Context, container: ContainerRecord): void {
  const record = withLeft(container);
  const { cgroupPaths, madeCgroups, systemdUnit } = record;
  const kills = mayKillAll(context, record);
  if (kills) drain(cgroupPaths);
  const others = kills ? [] : othersIn(context, record);
  if (systemdUnit && others.length === 0) stopScope(systemdUnit);
  const own = new Set(Object.values(cgroupPaths));
  for (const path of [...madeCgroups].reverse()) {
    // Parents that create had to make may serve other containers by now: only the container's own directories must go.
    const gone = removeIfUnused(path);
    if (gone || !own.has(path)) continue;
    if (others.length > 0 || !removeTree(context, path, kills)) leaveCgroup(path);
  }
}

/** Processes of others in a cgroup that was made for the container. What only passes through, on its way into the container, gets a moment. */
function othersIn(context: Context, record: ContainerRecord): readonly number[] {
  const path = countingPath(record.cgroupPaths) ?? '';
  if (!record.madeCgroups.includes(path)) return [];
  let pids = processesBelow(path);
  if (pids.length === 0) return [];
  const patience = hasOtherUser(path, cgroupUser(context, record)) ? 0 : OTHERS_TIMEOUT_MS;
  const deadline = addon.monotonic() + patience;
  while (pids.length > 0 && addon.monotonic() < deadline) {
    waitForAny(pids);
    // An exited process leaves its cgroup a moment after its pidfd says so, and nothing can be waited on for that.
    addon.pollIn([], 2);
    pids = processesBelow(path);
  }
  if (pids.length > 0) warnOfOthers(context, path, pids);
  return pids;
}

function warnOfOthers(context: Context, path: string, pids: readonly number[]): void {
  context.warn({ code: 'CGROUP_SHARED', message: `the cgroup ${path} stays, as others use it: ${described(pids)}` });
}

/** Kills until nothing is left. */
function drain(paths: CgroupPaths): void {
  const path = countingPath(paths) ?? '';
  const deadline = addon.monotonic() + DRAIN_TIMEOUT_MS;
  for (let pids = cgroupProcesses(paths); pids.length > 0; pids = cgroupProcesses(paths)) {
    killCgroup(paths);
    if (addon.monotonic() > deadline) throw busy(path, pids);
    if (isUnified(paths)) waitForEvent(path, 'populated 0', ROUND_MS);
    else waitForAny(pids);
  }
}

/** Waits until one of the processes is gone, for one round at the most. */
function waitForAny(pids: readonly number[]): void {
  const pidfd = pids.map(openProcess).find((fd) => fd !== undefined);
  if (pidfd === undefined) return;
  try {
    addon.pollIn([pidfd], ROUND_MS);
  } finally {
    addon.close(pidfd);
  }
}

function openProcess(pid: number): number | undefined {
  try {
    return addon.pidfdOpen(pid);
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** @returns whether it is gone */
function removeIfUnused(path: string): boolean {
  try {
    addon.rmdir(path);
    return true;
  } catch (error) {
    if (!failedWith(error, 'ENOENT', 'EBUSY', 'ENOTEMPTY')) throw error;
    return error.code === 'ENOENT';
  }
}

/**
 * Removes a directory with everything below it; what a process made meanwhile is found by the next look.
 * @param kills whether what is in it is the container's: what entered this hierarchy alone, by `exec --cgroup` or the container's own doing
 * @returns false when it stays because others use it
 */
function removeTree(context: Context, path: string, kills: boolean): boolean {
  const deadline = addon.monotonic() + (kills ? DRAIN_TIMEOUT_MS : OTHERS_TIMEOUT_MS);
  for (;;) {
    try {
      addon.removeDirectories(path);
      return true;
    } catch (error) {
      if (!failedWith(error, 'EBUSY', 'ENOTEMPTY')) throw error;
    }
    const pids = processesBelow(path);
    if (addon.monotonic() > deadline) {
      if (kills || pids.length === 0) throw busy(path, pids);
      warnOfOthers(context, path, pids);
      return false;
    }
    if (kills) for (const pid of pids) killIfThere(pid);
    // An exited process leaves its cgroup a moment after its pidfd says so, and nothing can be waited on for that.
    addon.pollIn([], 2);
  }
}

const stateWords: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'in uninterruptible sleep',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
};

/** Most processes that a message names. */
const MOST_NAMES = 20;

function described(pids: readonly number[]): string {
  const names = pids.slice(0, MOST_NAMES).map((pid) => {
    const command = readIfThere(`/proc/${pid}/comm`)?.trim() ?? 'gone';
    const { state = 'X' } = addon.processStat(pid) ?? {};
    return `${pid} (${command}, ${lookup(stateWords, state) ?? state})`;
  });
  return [...names, ...(pids.length > MOST_NAMES ? [`${pids.length - MOST_NAMES} more`] : [])].join(', ');
}

function busy(path: string, pids: readonly number[]): RuntimeError {
  const survivors = pids.length > 0 ? `still in it: ${described(pids)}` : 'it is busy';
  return new RuntimeError('CGROUP_BUSY', `unable to remove cgroup ${path}: ${survivors}`);
}
