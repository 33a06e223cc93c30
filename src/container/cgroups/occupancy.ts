import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { type CgroupPaths, countingPath } from './cgroup.ts';

/** Of a path that cannot be a cgroup's, the making of the cgroup says what is wrong. */
function isThere(path: string): boolean {
  try {
    return addon.stat(path, false) !== null;
  } catch {
    return false;
  }
}

/** Cgroup directories of a container that are still to be made. */
export const missingCgroups = (paths: CgroupPaths): string[] => Object.values(paths).filter((path) => !isThere(path));

/** Processes in a directory and below it, also those of other pid namespaces, whose numbers are 0; of a threaded cgroup its threads. */
const occupants = (path: string): number =>
  addon.readBelow(path, 'cgroup.procs', 'cgroup.threads').flatMap((text) => text.split('\n').filter(Boolean)).length;

/**
 * Refuses a cgroup that others use: limits and signals for the one would reach the other (LNX-058). Of cgroup v1 one hierarchy stands for
 * all, as in runc: processes of a service may well be in that of systemd alone.
 * @param missing those of the cgroups that are not there
 * @throws RuntimeError CGROUP_NOT_EMPTY
 */
export function refuseOccupied(paths: CgroupPaths, missing: readonly string[]): void {
  const path = paths['devices'] ?? countingPath(paths);
  if (path === undefined || missing.includes(path)) return;
  const count = occupants(path);
  if (count === 0) return;
  throw new RuntimeError('CGROUP_NOT_EMPTY', `container's cgroup is not empty: ${count} process(es) found in ${path}`, {
    pointer: '/linux/cgroupsPath',
    hint: 'give the container a cgroup of its own',
  });
}
