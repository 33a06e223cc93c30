import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { thaw } from '../cgroups/freezer.ts';
import { removeCgroups } from '../cgroups/removal.ts';
import type { Context } from '../context.ts';
import { runPoststop } from '../host/hooks.ts';
import { detachAll } from '../host/mounts.ts';
import { removeGroups } from '../host/resctrl.ts';
import { endProcess, killGroup, killProcess, type OpenProcess, reapIfOurs } from '../process/kill-process.ts';
import { traced } from '../trace.ts';
import type { ContainerRecord, ProcessRecord } from './container-record.ts';
import type { Hold } from './hold.ts';
import { discard } from './store.ts';

/** A pidfd of the container's init process, or undefined when it is gone. */
export const openInit = (record: ContainerRecord): number | undefined => openProcess(record);

/**
 * A pidfd of a process that was written down, or undefined when it is gone. The start time is compared after the pidfd is open: only then
 * the pid cannot be used again in between.
 */
function openProcess(record: ProcessRecord): number | undefined {
  if (record.pid === 0) return undefined;
  let pidfd: number;
  try {
    pidfd = addon.pidfdOpen(record.pid);
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return undefined;
    throw error;
  }
  const process = addon.processStat(record.pid);
  if (process && String(process.startTime) === record.startTime && process.state !== 'Z' && process.state !== 'X') return pidfd;
  addon.close(pidfd);
  return undefined;
}

/**
 * Kills the init process and waits until it is gone.
 * @throws RuntimeError KILL_TIMEOUT
 */
export function killInit({ keepsChildren = false }: Context, record: ContainerRecord): void {
  const pidfd = openInit(record);
  if (pidfd === undefined) {
    if (!keepsChildren) reapInit(record);
    return;
  }
  try {
    endProcess({ pid: record.pid, pidfd }, 'container init', () => thaw(record.cgroupPaths));
    if (!keepsChildren) reapIfOurs(record.pid);
  } finally {
    addon.close(pidfd);
  }
}

/** Whoever created the container in this process, as a library, is the parent of its init, and nobody else waits for that. */
function reapInit({ pid, startTime }: ContainerRecord): void {
  const ended = pid === 0 ? null : addon.processStat(pid);
  if (ended?.state === 'Z' && String(ended.startTime) === startTime) reapIfOurs(pid);
}

/** Has something done to a process that was written down, if it is there yet. */
function whileThere(noted: ProcessRecord | undefined, action: (process: OpenProcess) => void): void {
  const pidfd = noted && openProcess(noted);
  if (noted === undefined || pidfd === undefined) return;
  try {
    action({ pid: noted.pid, pidfd });
  } finally {
    addon.close(pidfd);
  }
}

/**
 * Ends the hook that another command runs for this container, with the processes of its group.
 * @throws RuntimeError KILL_TIMEOUT
 */
export function endHook({ hook }: ContainerRecord): void {
  whileThere(hook, (process) => {
    // A hook that deletes its own container goes on: it is this command's caller.
    if (addon.processGroup(0) === process.pid) return;
    // Before the hook itself: only while that is there, its group surely is its own.
    killGroup(process.pid);
    killProcess(process, 'hook');
  });
}

/**
 * Ends the CRIU of a restore that was killed: one whose processes were killed meanwhile waits for them for ever, in the container's cgroup.
 * @throws RuntimeError KILL_TIMEOUT
 */
export function endCriu({ criu }: ContainerRecord): void {
  whileThere(criu, (process) => killProcess(process, 'criu'));
}

/** Removes everything create made (RT-059), then runs the poststop hooks (CFG-086), without the lock. The init process is gone. */
export function destroy(context: Context, hold: Hold, record: ContainerRecord): void {
  traced(context, 'remove the cgroups', 'runtime', () => removeCgroups(context, record));
  removeGroups(record.resctrl?.remove ?? []);
  detachAll(record);
  discard(context, record.id);
  hold.close();
  runPoststop(context, record);
}

/**
 * Ends and removes a container after the command that made or started it has failed, unless another one has deleted it. The error that
 * led here is the caller's to throw.
 */
export function abandon(context: Context, hold: Hold, record: ContainerRecord): void {
  try {
    killInit(context, record);
    if (hold.lockOrWarn(context)) destroy(context, hold, record);
  } catch (error) {
    context.warn({ code: 'CLEANUP_FAILED', message: `cleaning up ${record.id}: ${messageOf(error)}` });
  }
}
