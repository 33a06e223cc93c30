import { CLONE_NEWUSER, MOUNT_ATTR_IDMAP } from '../../kernel.gen.ts';
import type { MountOptions } from '../../spec/mounts/options.ts';
import type { LinuxIDMapping, Mount } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { hasOwn, namespacePath, type PlanContext } from '../context.ts';
import { setAttributes } from '../mounts/attributes.ts';
import type { Step } from '../plan.ts';
import { syncPoints } from '../wire/places.ts';

const chapter = 'Mounts';

/** What of a mount decides about its id mapping. */
export interface MappedMount {
  readonly mount: Mount;
  readonly options: MountOptions;
  readonly pointer: string;
  /** The mount in words, for titles and errors. */
  readonly name: string;
}

export const isMapped = ({ mount, options }: Pick<MappedMount, 'mount' | 'options'>): boolean =>
  options.idmap !== 'none' || (mount.uidMappings ?? []).length > 0 || (mount.gidMappings ?? []).length > 0;

/** Lines of /proc/PID/uid_map (user_namespaces(7)). */
export const mapText = (entries: readonly LinuxIDMapping[] | undefined): string =>
  (entries ?? []).map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');

/** What mapText, or the kernel, has written: columns of any width. */
export function readMap(text: string): LinuxIDMapping[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return lines.flatMap(([containerID, hostID, size]) => (size === undefined ? [] : [{ containerID, hostID, size } as LinuxIDMapping]));
}

/** The id outside of a user namespace for one inside; undefined when it has none. */
export function hostId(mappings: readonly LinuxIDMapping[] | undefined, id: number): number | undefined {
  const mapping = mappings?.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  return mapping && mapping.hostID + (id - mapping.containerID);
}

/**
 * The id mappings of a container's mounts (CFG-021, CFG-022, MNT-060, MNT-061): one user namespace for each distinct mapping,
 * which the runtime makes and nobody lives in.
 */
export class IdMappings {
  private readonly context: PlanContext;
  private readonly slotOfNamespace = new Map<string, number>();
  private readonly made: Step[] = [];
  private readonly opened: Step[] = [];

  constructor(context: PlanContext) {
    this.context = context;
  }

  /**
   * The step that maps the ids of the detached mount in `slot`; none when the mount asks for no mapping.
   */
  map(item: MappedMount, slot: number, stage: 'intermediate' | 'init'): Step[] {
    if (!isMapped(item)) return [];
    const userNamespace = this.namespaceFor(item);
    const recursive = item.options.idmap === 'ridmap';
    const title = `map the ids of ${item.name}${recursive ? ' and of the mounts below it' : ''}`;
    // In a user namespace init has no power over a filesystem of the host.
    const action =
      stage === 'init' && hasOwn(this.context.linux, 'user')
        ? ({ op: 'tree.mapOutside', slot, userNamespace, recursive } as const)
        : setAttributes(slot, { set: MOUNT_ATTR_IDMAP, userNamespace, recursive });
    return [{ chapter, pointer: item.pointer, title, stage, action }];
  }

  /** What fills the slots of the user namespaces: to be run before the first mount is mapped. */
  prepare(): Step[] {
    if (this.made.length === 0) return this.opened;
    const title = 'wait for the user namespaces that map the ids of mounts';
    const action = { op: 'sync', point: syncPoints.mountMappings } as const;
    return [...this.made, { chapter, title, stage: 'intermediate', action }, ...this.opened];
  }

  /** The mount's own mappings win; else those of the container, also when it joins a user namespace. */
  private namespaceFor({ mount, pointer, name }: MappedMount): number {
    const { linux } = this.context;
    const [uidMap, gidMap] = [mapText(mount.uidMappings), mapText(mount.gidMappings)];
    if (uidMap !== '' && gidMap !== '') return this.make(uidMap, gidMap, pointer);
    const path = namespacePath(linux, 'user');
    if (path) return this.open(path);
    if (path === '') return this.make(mapText(linux.uidMappings), mapText(linux.gidMappings), '/linux/uidMappings');
    throw unvalidated(`the mount ${name} has no id mappings, nor has the container`);
  }

  private make(uidMap: string, gidMap: string, pointer: string): number {
    return this.slotFor(`${uidMap}/${gidMap}`, (slot) => {
      const title = `make a user namespace with the mappings of ${pointer}`;
      const action = { op: 'userNamespace.make', uidMap, gidMap, slot } as const;
      this.made.push({ chapter, pointer, title, stage: 'runtime', at: 'mountMappings', action });
    });
  }

  private open(path: string): number {
    return this.slotFor(path, (slot) => {
      const title = `open the user namespace ${path} for the ids of mounts`;
      const action = { op: 'ns.open', path, type: CLONE_NEWUSER, slot } as const;
      this.opened.push({ chapter, pointer: '/linux/namespaces', title, stage: 'intermediate', action });
    });
  }

  private slotFor(key: string, fill: (slot: number) => void): number {
    const known = this.slotOfNamespace.get(key);
    if (known !== undefined) return known;
    const slot = this.context.nextSlot();
    this.slotOfNamespace.set(key, slot);
    fill(slot);
    return slot;
  }
}

/** For mounts that are never detached, so that mount_setattr(2) cannot map their ids. */
export function requireNoMapping(item: MappedMount): void {
  if (isMapped(item)) throw unvalidated(`the ids of the mount ${item.name} cannot be mapped`);
}
