import { RuntimeError } from '../../errors.ts';
import type { CgroupFacts, CgroupHierarchy } from '../../host/facts.ts';
import { isWithin, normalize } from '../../spec/path.ts';
import { unvalidated } from '../../spec/unvalidated.ts';

const POINTER = '/linux/cgroupsPath';

function below(directory: string, path: string): string {
  return normalize(`${directory}/${path}`);
}

/** The runtime's own directory in a hierarchy; the mount point when the mount does not show it. */
function ownDirectory({ mountPoint, root, own }: CgroupHierarchy): string {
  if (!isWithin(root, own)) return mountPoint;
  return below(mountPoint, root === '/' ? own : own.slice(root.length));
}

/** The directory around the runtime's own; that one itself where it is the top of the mount. */
export function parentDirectory(hierarchy: CgroupHierarchy): string {
  const own = ownDirectory(hierarchy);
  return own === hierarchy.mountPoint ? own : own.slice(0, own.lastIndexOf('/'));
}

function checkPath(path: string): void {
  if (path.split('/').includes('..')) throw unvalidated('cgroupsPath contains ".."');
  const refuse = (why: string): RuntimeError =>
    new RuntimeError('INVALID_CGROUPS_PATH', `cgroupsPath ${JSON.stringify(path)} ${why}`, { pointer: POINTER });
  if (normalize(`/${path}`) === '/') throw refuse('names the root cgroup');
  // The kernel refuses it, because of the lines of /proc/PID/cgroup.
  if (path.includes('\n')) throw refuse('must be one line');
}

/**
 * The directories of a container by controller, "" for the unified hierarchy (LNX-059 to LNX-062): an absolute path counts from each
 * mount point, a relative one from the runtime's own cgroup, and without a path the name is the container's id.
 * @throws RuntimeError INVALID_CGROUPS_PATH
 */
export function cgroupDirectories(facts: CgroupFacts, cgroupsPath: string | undefined, id: string): Readonly<Record<string, string>> {
  const path = cgroupsPath === undefined || cgroupsPath === '' ? id : cgroupsPath;
  checkPath(path);
  // A cgroup v2 directory has either processes or controlled children, and the runtime's own has a process: the runtime.
  const base = facts.mode === 'unified' ? parentDirectory : ownDirectory;
  const entries = Object.entries(facts.hierarchies).map(([controller, hierarchy]) => {
    const directory = path.startsWith('/') ? hierarchy.mountPoint : base(hierarchy);
    return [controller, below(directory, path)] as const;
  });
  return Object.fromEntries(entries);
}
