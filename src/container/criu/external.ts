import type { MountLine } from '../../host/mount-table.ts';
import { isWithin, normalize } from '../../spec/path.ts';

/** Filesystems that CRIU makes again, with what is in them. */
const restorable = new Set(['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2']);
const namespaced = new Set(['cgroup', 'cgroup2']);

/** What CRIU calls a mount from outside, by where it is. */
interface ExternalMount {
  readonly key: string;
  readonly val: string;
}

/** What masks files, also where it is of another filesystem than the container's own. */
export const nullDevice = '/dev/null';

/** Filesystem and path in it of a file that a container sees. */
function fileAt(path: string, container: readonly MountLine[]): string | undefined {
  const above = container.filter(({ mountPoint }) => isWithin(mountPoint, path));
  const nearest = above.reduce<MountLine | undefined>(
    (best, at) => ((best?.mountPoint.length ?? 0) > at.mountPoint.length ? best : at),
    undefined,
  );
  return nearest && fileOf(nearest, path.slice(nearest.mountPoint === '/' ? 0 : nearest.mountPoint.length));
}

const fileOf = ({ device, root }: MountLine, below = ''): string => `${device} ${root === '/' && below !== '' ? '' : root}${below}`;

/**
 * Mounts in the container of what comes from outside, which CRIU leaves alone and is given again: binds of the host's files, and filesystems that it
 * does not know. They are called by their mount points, but for masks of files, of which a restore knows what they are and not where.
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
): ExternalMount[] {
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
  const nullFile = fileAt(nullDevice, container);
  const external = container.filter((mount) => mount !== root && (isEmpty(mount) || !isOwn(mount)));
  const named = external.map((mount) => [mount.mountPoint, fileOf(mount) === nullFile ? nullDevice : mount.mountPoint] as const);
  return [...new Map(named)].map(([key, val]) => ({ key, val }));
}
