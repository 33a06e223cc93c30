import { RuntimeError } from '../errors.ts';
import { cgroupProcesses, readIfThere } from './cgroups/cgroup.ts';
import type { Context } from './context.ts';
import { load } from './state/store.ts';
import { currentStatus } from './state.ts';

/**
 * Host pids of the processes of a container: of a stopped one those that live on in its cgroup.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
 */
export function processes(context: Context, id: string): number[] {
  const record = load(context, id);
  const status = currentStatus(context, record);
  if (status === 'creating') throw new RuntimeError('NOT_RUNNING', 'container not running');
  const pids = cgroupProcesses(record.cgroupPaths).filter(isProcess);
  return pids.length > 0 || status === 'stopped' ? pids : [record.pid];
}

/** Threaded cgroups tell of threads alone; the first of a process has its number (proc_pid_status(5)). */
const isProcess = (id: number): boolean => (readIfThere(`/proc/${id}/status`) ?? '').includes(`\nTgid:\t${id}\n`);
