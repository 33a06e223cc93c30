import { RuntimeError } from '../errors.ts';
import { addon, type SystemError } from '../native/addon.ts';
import { SIGKILL } from '../native/constants.ts';
import type { SystemdUnit } from '../plan/cgroup-systemd.ts';
import { type CgroupPaths, cgroupProcesses, countingPath, isUnified, processesBelow, readIfThere } from './cgroup.ts';
import { freeze, thaw, waitForEvent } from './cgroup-freezer.ts';
import { stopScope } from './systemd.ts';

/** How long the processes of a killed cgroup get to go away, in milliseconds. */
const DRAIN_TIMEOUT_MS = 10_000;
/** How long an emptied cgroup may refuse to be removed, in milliseconds. */
const REMOVE_TIMEOUT_MS = 2_000;
/** How long processes get to stand still before they are killed: enough for all that can be stopped at once, in milliseconds. */
const HOLD_TIMEOUT_MS = 200;
/** Longest wait between two rounds of killing, in milliseconds. */
const ROUND_MS = 100;

/** Sends SIGKILL to everything in the cgroup; `cgroup.kill` does it at one stroke where the kernel has it (5.14). */
export function killCgroup(paths: CgroupPaths): void {
  try {
    if (isUnified(paths) && addon.stat(`${paths['']}/cgroup.kill`, true)) addon.writeControl(`${paths['']}/cgroup.kill`, '1');
    else killStanding(paths);
  } finally {
    // The killed of a frozen cgroup v1 only go away once it is thawed.
    thaw(paths);
  }
}

/** Kills one by one what has been brought to a halt, so that nothing forks in between. */
function killStanding(paths: CgroupPaths): void {
  try {
    freeze(paths, HOLD_TIMEOUT_MS);
  } catch (error) {
    // Without a freezer, or with a process that cannot be stopped, the next round gets those that were forked in this one.
    if (!(error instanceof RuntimeError) && (error as SystemError).code !== 'ENOENT') throw error;
  }
  for (const pid of cgroupProcesses(paths)) killIfThere(pid);
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
 * @param unit systemd's unit for them, if it has one
 * @throws RuntimeError CGROUP_BUSY naming the processes that do not go away, SYSTEMD_FAILED
 */
export function removeCgroups(paths: CgroupPaths, made: readonly string[], unit?: SystemdUnit): void {
  if (made.includes(countingPath(paths) ?? '')) drain(paths);
  if (unit) stopScope(unit);
  const own = new Set(Object.values(paths));
  for (const path of [...made].reverse()) {
    // Parents that create had to make may serve other containers by now: only the container's own directories must go.
    if (own.has(path)) removeTree(path);
    else removeIfUnused(path);
  }
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
    if ((error as SystemError).code === 'ESRCH') return undefined;
    throw error;
  }
}

/** @returns whether it is gone */
function removeIfUnused(path: string): boolean {
  try {
    addon.rmdir(path);
    return true;
  } catch (error) {
    const { code } = error as SystemError;
    if (code !== 'ENOENT' && code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
    return code === 'ENOENT';
  }
}

/** Removes a directory with everything below it; what a process made meanwhile is found by the next look. */
function removeTree(path: string): void {
  // Hardly any container makes cgroups of its own.
  if (removeIfUnused(path)) return;
  const deadline = addon.monotonic() + REMOVE_TIMEOUT_MS;
  for (;;) {
    try {
      addon.removeDirectories(path);
      return;
    } catch (error) {
      const { code } = error as SystemError;
      if (code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
      const pids = processesBelow(path);
      if (addon.monotonic() > deadline) throw busy(path, pids);
      // Only a process that entered this hierarchy alone can still be here (`exec --cgroup`, or the container's own doing).
      for (const pid of pids) killIfThere(pid);
      // An exited process leaves its cgroup a moment after its pidfd says so, and nothing can be waited on for that.
      addon.pollIn([], 2);
    }
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

function busy(path: string, pids: readonly number[]): RuntimeError {
  const names = pids.map((pid) => {
    const command = readIfThere(`/proc/${pid}/comm`)?.trim() ?? 'gone';
    const { state = 'X' } = addon.processStat(pid) ?? {};
    return `${pid} (${command}, ${stateWords[state] ?? state})`;
  });
  const survivors = names.length > 0 ? `still in it: ${names.join(', ')}` : 'it is busy';
  return new RuntimeError('CGROUP_BUSY', `unable to remove cgroup ${path}: ${survivors}`);
}
