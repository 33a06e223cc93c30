import { MS_SHARED } from '../../kernel.gen.ts';
import { isWithin, normalize, resolveFrom } from '../../spec/path.ts';
import { hasOwn, type PlanContext } from '../context.ts';
import type { Step } from '../plan.ts';
import { slots } from '../wire/places.ts';
import type { MountEntry } from './steps.ts';

/** Where a path is: `below` (relative, "" for its root) the mount in `slot`; slot none: only the path itself is known. */
export interface Place {
  readonly slot: number;
  readonly below: string;
}

/** Index of the last of the first `count` mounts that hold the path; -1 when it lies on the root filesystem. */
function covering(entries: readonly MountEntry[], path: string, count = entries.length): number {
  for (let index = count - 1; index >= 0; index--) {
    const item = entries[index] as MountEntry;
    if (isWithin(item.destination, path) && !item.options.remount) return index;
  }
  return -1;
}

const isShared = ({ options }: MountEntry): boolean => ((options.propagation.at(-1) ?? MS_SHARED) & MS_SHARED) !== 0n;

/**
 * The mounts that later steps work on: a remount, or the protection of a path below. By what its path leads to at that time it would be for
 * whoever writes to the rootfs meanwhile to choose another mount, or none.
 */
export class MountPlaces {
  /** The entries with `keep` where a later step needs them. */
  readonly entries: readonly MountEntry[];
  private readonly kept = new Map<MountEntry, number>();
  /** Index of the mount that holds a path. */
  private readonly covered = new Map<string, number>();

  constructor({ linux }: PlanContext, entries: readonly MountEntry[]) {
    const used = new Set<number>();
    entries.forEach((item, index) => {
      if (item.options.remount) used.add(covering(entries, item.destination, index));
    });
    const protect = (path: string): void => {
      const index = covering(entries, normalize(path));
      this.covered.set(normalize(path), index);
      used.add(index);
    };
    linux.readonlyPaths?.forEach(protect);
    linux.maskedPaths?.forEach(protect);
    this.entries = entries.map((item, index) => (used.has(index) ? { ...item, keep: true } : item));
  }

  /** Learns the slot of a mount from the steps that make it. */
  note(item: MountEntry, steps: readonly Step[]): void {
    if (!item.keep) return;
    const { action } = steps.find(({ action }) => action.op === 'tree.attach' && action.destination === item.destination) ?? {};
    if (action?.op === 'tree.attach') this.kept.set(item, action.slot);
  }

  /** The mount that a remount is about; none when an earlier mount is not exactly there. */
  remounted(item: MountEntry): number {
    const target = this.target(item);
    return target === undefined ? slots.none : this.slotOf(target);
  }

  /** The entry of that mount. */
  target(item: MountEntry): MountEntry | undefined {
    const target = this.entries[covering(this.entries, item.destination, this.entries.indexOf(item))];
    return target?.destination === item.destination ? target : undefined;
  }

  /** @param moved paths that a recursive bind has covered, so that the mounts below are no longer those that are seen */
  placeOf(path: string, moved: readonly string[]): Place {
    const mount = this.mountOf(path);
    if (!mount || moved.some((directory) => directory !== mount.destination && isWithin(directory, mount.destination))) {
      return { slot: slots.none, below: '' };
    }
    return { slot: this.slotOf(mount), below: path.slice(mount.destination === '/' ? 1 : mount.destination.length + 1) };
  }

  /**
   * Paths of the host at which mounts of the container appear as well, because they lie on a volume that shares its mounts with the host;
   * the kernel leaves them there when the container's mount namespace goes.
   */
  onHost({ linux, options }: PlanContext): string[] {
    // Otherwise the sources are cut from the host's propagation.
    if (!hasOwn(linux, 'mount') || linux.rootfsPropagation?.endsWith('shared') !== true) return [];
    return this.entries.flatMap((item, index) => {
      const volume = item.options.remount ? undefined : this.entries[covering(this.entries, item.destination, index)];
      if (!volume?.options.bind || !isShared(volume)) return [];
      return [resolveFrom(options.bundle, `${volume.mount.source}/${item.destination.slice(volume.destination.length)}`)];
    });
  }

  /** Whether a path is sure to be there: what every procfs has unless it was mounted with `subset=`. */
  isCertain(path: string): boolean {
    if (path !== '/proc/sys') return false;
    const mount = this.mountOf(path);
    return mount?.mount.type === 'proc' && !mount.options.filesystem.some((option) => option.startsWith('subset='));
  }

  /** @param path one that is read-only or masked */
  private mountOf(path: string): MountEntry | undefined {
    return this.entries[this.covered.get(path) ?? -1];
  }

  private slotOf(item: MountEntry): number {
    return this.kept.get(item) ?? slots.none;
  }
}
