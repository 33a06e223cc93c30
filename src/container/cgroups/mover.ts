import { callText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { failedWith } from '../../native/system-error.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { attachToScope } from '../systemd/scope.ts';

/** Moves the process of this id. */
export type Mover = (pid: number) => void;

/**
 * Who moves a process of exec into a cgroup v2 in which the kernel let it not be born: that takes a right over the cgroup around both, which a user
 * has not when he calls from outside of what is delegated to him, as in a session of ssh. His systemd asks that of the system to do it.
 * @param directory of the cgroup, that of the container or one below
 * @param error what the attempt ended with
 * @throws the error; RuntimeError CGROUP_FAILED where there is no such manager
 */
export function moverInto(directory: string, { cgroupPaths, systemdUnit }: ContainerRecord, error: unknown): Mover {
  if (!failedWith(error, 'EACCES')) throw error;
  if (systemdUnit?.user === true) {
    const below = directory.slice((cgroupPaths[''] ?? directory).length);
    return (pid) => attachToScope(systemdUnit, below, pid);
  }
  throw new RuntimeError('CGROUP_FAILED', `unable to enter the cgroup ${directory}: ${callText(error)}`, {
    hint: 'the caller may move processes only within what is delegated to him: call runts from a cgroup there, or make the container with --systemd-cgroup',
    errno: error.code,
    syscall: error.syscall,
    cause: error,
  });
}
