import { RuntimeError } from '../errors.ts';
import { addon, type SystemError } from '../native/addon.ts';
import { SIGKILL } from '../native/constants.ts';
import { thaw } from './cgroup-freezer.ts';
import { removeCgroups } from './cgroup-removal.ts';
import type { Context } from './context.ts';
import { runPoststop } from './hooks.ts';
import { detach } from './host-mount.ts';
import { removeGroups } from './resctrl.ts';
import { type ContainerRecord, discard } from './store.ts';

/** How long a killed init process gets to go away, in milliseconds. */
const EXIT_TIMEOUT_MS = 10_000;

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
    addon.pidfdSendSignal(pidfd, SIGKILL);
    thaw(record.cgroupPaths);
    if (addon.pollIn([pidfd], EXIT_TIMEOUT_MS).length === 0) {
      throw new RuntimeError(
        'KILL_TIMEOUT',
        `container init still running: pid ${record.pid} did not go away within ${EXIT_TIMEOUT_MS / 1000} s of SIGKILL`,
      );
    }
    reapIfOurs(record.pid);
  } finally {
    addon.close(pidfd);
  }
}

/** Whoever created the container in this process is its parent; everybody else's waitpid says ECHILD. */
function reapIfOurs(pid: number): void {
  try {
    addon.waitPid(pid, true);
  } catch (error) {
    if ((error as SystemError).code !== 'ECHILD') throw error;
  }
}

/** Removes everything create made (RT-059), then runs the poststop hooks (CFG-086). The init process is gone. */
export function destroy(context: Context, record: ContainerRecord): void {
  removeCgroups(record.cgroupPaths, record.madeCgroups, record.systemdUnit);
  removeGroups(record.resctrl?.remove ?? []);
  if (record.hostMount) detach(record.hostMount);
  discard(context, record.id);
  runPoststop(context, record);
}

export function killAndDestroy(context: Context, record: ContainerRecord): void {
  killInit(record);
  destroy(context, record);
}
