import { RuntimeError } from '../../errors.ts';
import { MNT_DETACH, O_PATH } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import type { ContainerRecord, HostMount } from '../state/container-record.ts';

/** Mounts that may lie on top of each other there before something must be wrong. */
const MOST_LAYERS = 100;

/** @throws RuntimeError MOUNT_NAMESPACE_MISSING */
export function expectMount(path: string): HostMount {
  if (path === '/') {
    const message = "unable to mount below the host's own root without a private MNT namespace";
    throw new RuntimeError('MOUNT_NAMESPACE_MISSING', message, { pointer: '/root/path' });
  }
  return { path, over: mountAt(path, (_, id) => id) };
}

/** What a mount of the container will lie on, at a path that may have to be made yet. */
export function expectShared(path: string): HostMount {
  let there = path;
  while (!addon.stat(there, true)) there = there.slice(0, there.lastIndexOf('/')) || '/';
  return { path, over: mountAt(there, (_, id) => id) };
}

/** The same with what lies there now. */
export function noteMount(mount: HostMount): HostMount {
  if (!addon.stat(mount.path, true)) return mount;
  const layers = mountAt(mount.path, (_, top) => layersAbove(mount.over, top));
  return layers ? { ...mount, layers } : mount;
}

/** Detaches all that the host sees of a container, what was mounted last first. */
export function detachAll({ hostMount, sharedMounts = [] }: Pick<ContainerRecord, 'hostMount' | 'sharedMounts'>): void {
  for (const mount of sharedMounts.toReversed()) detach(mount);
  if (hostMount) detach(hostMount);
}

/**
 * Detaches the mount, and with it everything below. What somebody else has mounted there is left alone.
 * @throws RuntimeError MOUNT_BUSY when it can no longer be told what is whose
 */
function detach(mount: HostMount): void {
  if (!addon.stat(mount.path, true)) return;
  for (let layer = 0; layer < MOST_LAYERS; layer++) if (!detachTop(mount)) return;
  throw new RuntimeError('MOUNT_BUSY', `unable to detach what is mounted on ${mount.path}: there is ever more of it`);
}

/** @returns whether there was something to detach */
function detachTop({ path, over, layers: known }: HostMount): boolean {
  return mountAt(path, (fd, top) => {
    const layers = layersAbove(over, top);
    if (!layers || (known && !layers.some((id) => known.includes(id)))) return false;
    // By descriptor: the path might lead elsewhere by now.
    addon.unmount(`/proc/self/fd/${fd}`, MNT_DETACH);
    return true;
  });
}

/** Ids from `top` down to the one that lies on `over`; undefined when `top` does not lie on it, but is it or something else. */
function layersAbove(over: number, top: number): number[] | undefined {
  if (top === over) return undefined;
  const lines = addon.readFile('/proc/self/mountinfo').split('\n');
  const parents = new Map(lines.map((line) => line.split(' ', 2).map(Number) as [id: number, parent: number]));
  const layers = [top];
  for (let id = parents.get(top); id !== over; id = parents.get(id)) {
    if (id === undefined || layers.includes(id)) return undefined;
    layers.push(id);
  }
  return layers;
}

/** Opens what lies at a path and hands over its mount's id (proc_pid_fdinfo(5)). */
function mountAt<T>(path: string, use: (fd: number, id: number) => T): T {
  const fd = addon.open(path, O_PATH, 0);
  try {
    return use(fd, Number(/^mnt_id:\s*(\d+)$/m.exec(addon.readFile(`/proc/self/fdinfo/${fd}`))?.[1]));
  } finally {
    addon.close(fd);
  }
}
