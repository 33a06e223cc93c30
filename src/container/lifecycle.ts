import { addon, type SystemError } from '../native/addon.ts';
import { thaw } from './cgroup-freezer.ts';
import { removeCgroups } from './cgroup-removal.ts';
import type { Context } from './context.ts';
import { runPoststop } from './hooks.ts';
import { detach } from './host-mount.ts';
import { killProcess } from './kill-process.ts';
import { removeGroups } from './resctrl.ts';
import { type ContainerRecord, discard } from './store.ts';
import { traced } from './trace.ts';

/**
 * A pidfd of the container's init process, or undefined when it is gone. The start time is compared after the pidfd is open: only then
 * the pid cannot be used again in between.
 */
export function openInit(record: ContainerRecord): number | undefined {
  if (record.pid === 0) return undefined;
  let pidfd: number;
  try {
    pidfd = addon.pidfdOpen(record.pid);
  } catch (error) {
    if ((error as SystemError).code === 'ESRCH') return undefined;
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
export function killInit(record: ContainerRecord): void {
  const pidfd = openInit(record);
  if (pidfd === undefined) return;
  try {
    killProcess({ pid: record.pid, pidfd }, 'container init', () => thaw(record.cgroupPaths));
  } finally {
    addon.close(pidfd);
  }
}

/** Removes everything create made (RT-059), then runs the poststop hooks (CFG-086). The init process is gone. */
export function destroy(context: Context, record: ContainerRecord): void {
  const { cgroupPaths, madeCgroups, systemdUnit } = record;
  traced(context, 'remove the cgroups', 'runtime', () => removeCgroups(cgroupPaths, madeCgroups, systemdUnit));
  removeGroups(record.resctrl?.remove ?? []);
  if (record.hostMount) detach(record.hostMount);
  discard(context, record.id);
  runPoststop(context, record);
}

export function killAndDestroy(context: Context, record: ContainerRecord): void {
  killInit(record);
  destroy(context, record);
}
