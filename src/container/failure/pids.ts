import { callText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { isSystemError } from '../../native/system-error.ts';
import { readIfThere } from '../cgroups/cgroup.ts';
import { above } from '../cgroups/parents.ts';
import type { ContainerRecord } from '../state/container-record.ts';

/** How many processes runts has in the container while it starts one: that which clones, and the cloned. */
const STARTING = 2;

/** Says of a cgroup that there is no room for another process, and whose limit that is. */
function full(directory: string): string | undefined {
  const [limit, present] = ['pids.max', 'pids.current'].map((file) => readIfThere(`${directory}/${file}`)?.trim());
  if (limit === undefined || present === undefined || limit === 'max' || Number(present) + STARTING <= Number(limit)) return undefined;
  return `the cgroup ${directory} has ${present} of at most ${limit} processes and threads (pids.max), and runts needs ${STARTING} to start one`;
}

function hintFor(directory: string): string | undefined {
  const own = full(directory);
  if (own !== undefined) return `${own}: end some, or raise the limit by \`runts update --pids-limit\``;
  const other = above(directory, full);
  if (other === undefined) return undefined;
  return `${other}; it is above that of the container: raise it where it is set (--pids-limit of the outer container, TasksMax= of a unit)`;
}

/**
 * The failure to clone a process that a limit of the container's cgroup, or of one above it, explains: its hint names that cgroup.
 * @returns any other error as it is
 */
export function withFullCgroup(error: unknown, { cgroupPaths }: Pick<ContainerRecord, 'cgroupPaths'>): unknown {
  const { errno, syscall } = isSystemError(error)
    ? { errno: error.code, syscall: error.syscall }
    : error instanceof RuntimeError
      ? error
      : {};
  const directory = cgroupPaths['pids'] ?? cgroupPaths[''];
  const hint = errno === 'EAGAIN' && syscall?.startsWith('clone') && directory !== undefined ? hintFor(directory) : undefined;
  if (hint === undefined) return error;
  if (error instanceof RuntimeError) return error.restated(error.message, { hint });
  const message = isSystemError(error) ? callText(error) : String(error);
  return new RuntimeError('STEP_FAILED', `unable to clone the process: ${message}`, {
    hint,
    ...(errno === undefined ? {} : { errno }),
    ...(syscall === undefined ? {} : { syscall }),
    cause: error,
  });
}
