import { cgroupProcesses, readIfThere } from '../cgroups/cgroup.ts';
import type { ContainerRecord } from '../state/container-record.ts';

/** 0 of a process that is gone, and of one whose parent is not seen from here. */
const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);

function descendsFrom(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

/**
 * Processes of a container that CRIU does not save, because they do not descend from its first one: `exec` has started them. With the container
 * they end.
 */
export const leftOut = ({ pid: init, cgroupPaths }: ContainerRecord): number[] =>
  cgroupProcesses(cgroupPaths).filter((pid) => parentOf(pid) > 0 && !descendsFrom(pid, init));
