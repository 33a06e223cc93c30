import { messageOf, RuntimeError } from '../../errors.ts';
import { failedWith } from '../../native/system-error.ts';
import { type InitProcess, type InitRequest, spawnInit } from '../init/spawn.ts';
import { readIfThere } from './cgroup.ts';
import { makeEnterable } from './controllers.ts';

/** What clone(2) says of a cgroup that takes no processes: it is no valid one, or it hands controllers on. */
const refusals = ['EOPNOTSUPP', 'EBUSY'];

/**
 * Starts init in the cgroup of the request, which is made threaded where it takes no processes otherwise.
 * @param path of that cgroup
 * @throws RuntimeError CGROUP_FAILED when it takes none at all
 */
export function spawnIntoCgroup(request: InitRequest, path: string | undefined): InitProcess {
  try {
    return spawnInit(request);
  } catch (error) {
    if (request.cgroup === undefined || path === undefined || !failedWith(error, ...refusals)) throw error;
    const { code } = error;
    if (code === 'EOPNOTSUPP' && isEnterable(path)) return spawnInit(request);
    const type = readIfThere(`${path}/cgroup.type`)?.trim() ?? 'unknown';
    const message = `unable to start a process in the cgroup ${path}, which is of the type "${type}": ${messageOf(error)}`;
    throw new RuntimeError('CGROUP_FAILED', message, {
      pointer: '/linux/cgroupsPath',
      errno: code,
      syscall: 'clone',
      hint: 'move the processes of the cgroup above it into one of their own, or give the container another cgroupsPath',
      cause: error,
    });
  }
}

function isEnterable(path: string): boolean {
  try {
    return makeEnterable(path);
  } catch {
    return false;
  }
}
