import { RuntimeError } from '../../errors.ts';
import type { MountLine } from '../../host/mount-table.ts';
import type { CriuOptions } from '../../plan/criu/rpc.ts';
import { isWithin } from '../../spec/path.ts';
import { nullDevice } from './external.ts';
import { mountsOf } from './mounts.ts';

/** What masks files where the container has no mount of its own for it, and in other runtimes' checkpoints. */
const hostNull = { key: nullDevice, val: nullDevice };

/** Places below `stage` by the ids that they are called by. */
const placesIn = (stage: string, mounts: readonly MountLine[]): Map<string, string> =>
  new Map(mounts.flatMap(({ mountPoint }) => (isWithin(stage, mountPoint) ? [[mountPoint.slice(stage.length + 1), mountPoint]] : [])));

/**
 * The root and the mounts that CRIU is given, by what init has staged.
 * @param pid of init, in its mount namespace
 * @param rootfs real path of the root filesystem
 * @param stage real path of the directory
 */
export function stagedOptions(pid: number, rootfs: string, stage: string): Pick<CriuOptions, 'root' | 'ext_mnt'> {
  const mounts = mountsOf(pid);
  const places = placesIn(stage, mounts);
  const inside = mounts.flatMap(({ id, mountPoint }) => {
    const val = places.get(id);
    if (val === undefined || !isWithin(rootfs, mountPoint)) return [];
    return [{ key: mountPoint.slice(rootfs === '/' ? 0 : rootfs.length) || '/', val }];
  });
  const root = inside.find(({ key }) => key === '/')?.val;
  if (root === undefined) throw new RuntimeError('INTERNAL', `the root filesystem ${rootfs} is not among the mounts of CRIU`);
  const others = inside.filter(({ key }) => key !== '/');
  const ext_mnt = others.some(({ key }) => key === nullDevice) ? others : [...others, hostNull];
  return { root, ext_mnt };
}
