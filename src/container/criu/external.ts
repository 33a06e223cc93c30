import type { MountLine } from '../../host/mount-table.ts';
import { isWithin, normalize } from '../../spec/path.ts';

/** Filesystems that CRIU makes again, with what is in them. */
const restorable = new Set(['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2']);
const namespaced = new Set(['cgroup', 'cgroup2']);

/**
 * Mount points in the container of what comes from outside, which CRIU leaves alone and is given again: binds of the host's files,
 * and filesystems that it does not know.
 * @param container its mounts
 * @param host those of the runtime
 * @param hasCgroupNamespace a mount of cgroups is then the container's own
 * @param maskedPaths what covers their directories is empty, and that below which hierarchies of cgroups lie has only those: nothing is to be saved of
 *   either, for which CRIU would call tar(1) each time
 */
export function externalMounts(
  container: readonly MountLine[],
  host: readonly MountLine[],
  hasCgroupNamespace: boolean,
  maskedPaths: readonly string[] = [],
): string[] {
  const root = container.find(({ mountPoint }) => mountPoint === '/');
  const ofHost = new Set(host.map(({ device }) => device));
  // A part of a filesystem is made from the whole, which has to be there: it is not for the device nodes of a user namespace.
  const whole = new Set(container.flatMap(({ device, root: part }) => (part === '/' ? [device] : [])));
  const masked = new Set(maskedPaths.map(normalize));
  const holdsCgroups = (path: string): boolean =>
    container.some(({ type, mountPoint }) => namespaced.has(type) && isWithin(path, mountPoint));
  const isEmpty = ({ type, writable, mountPoint }: MountLine): boolean =>
    type === 'tmpfs' && !writable && (masked.has(mountPoint) || (!hasCgroupNamespace && holdsCgroups(mountPoint)));
  const isOwn = ({ device, root: part, type }: MountLine): boolean => {
    if (root !== undefined && device === root.device) return isWithin(root.root, part);
    if (hasCgroupNamespace && namespaced.has(type)) return true;
    return restorable.has(type) && whole.has(device) && !ofHost.has(device);
  };
  return [...new Set(container.filter((mount) => mount !== root && (isEmpty(mount) || !isOwn(mount))).map(({ mountPoint }) => mountPoint))];
}
