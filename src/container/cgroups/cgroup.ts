import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';

/** Cgroup directories of a container by controller; "" is the unified hierarchy. */
export type CgroupPaths = Readonly<Record<string, string>>;

/** Content of a control file; undefined when the file or its cgroup is not there, or does not apply (threaded cgroups). */
export function readIfThere(path: string): string | undefined {
  try {
    return addon.readFileIfThere(path) ?? undefined;
  } catch (error) {
    // It was one of a process, which has ended between open(2) and read(2).
    if (failedWith(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** Whether all controllers live in the unified hierarchy. */
export const isUnified = (paths: CgroupPaths): boolean => paths[''] !== undefined && Object.keys(paths).length === 1;

/** Host pids of the processes in a cgroup directory and below it; of threaded cgroups, which do not tell them, those of all threads. */
export function processesBelow(path: string): number[] {
  const pids = addon.readBelow(path, 'cgroup.procs', 'cgroup.threads').flatMap((text) => text.split('\n'));
  // 0 stands for a process of another pid namespace than the reader's.
  return pids.filter((pid) => pid !== '' && pid !== '0').map(Number);
}

/** The hierarchy in which a container's processes are counted: any will do, since it enters all of them. */
export const countingPath = (paths: CgroupPaths): string | undefined =>
  paths['pids'] ?? paths['devices'] ?? paths['memory'] ?? paths['freezer'] ?? paths[''] ?? Object.values(paths)[0];

/** Host pids of everything in the container's cgroup and below it. */
export function cgroupProcesses(paths: CgroupPaths): number[] {
  const path = countingPath(paths);
  return path === undefined ? [] : [...new Set(processesBelow(path))].sort((a, b) => a - b);
}
