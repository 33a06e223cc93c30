import { MOUNT_ATTR_RDONLY, MS_REC } from '../../kernel.gen.ts';
import { mountName } from '../../spec/mount-name.ts';
import { type AttributeChange, type MountOptions, parseMountOptions } from '../../spec/mounts/options.ts';
import { normalize } from '../../spec/path.ts';
import { replaceableProcFiles } from '../../spec/replaceable-proc-files.ts';
import type { Mount } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import { setAttributes } from './attributes.ts';

export const chapter = 'Mounts';

/** One entry of `mounts`, its options sorted. */
export interface MountEntry {
  readonly mount: Mount;
  readonly options: MountOptions;
  readonly destination: string;
  readonly pointer: string;
  readonly name: string;
  /** Whether later steps work on the mount: then its slot outlives the attaching. */
  readonly keep: boolean;
}

export function entry(mount: Mount, index: number): MountEntry {
  const options = parseMountOptions(mount.options ?? []);
  const destination = normalize(`/${mount.destination}`);
  return {
    mount,
    options,
    destination,
    pointer: `/mounts/${index}`,
    name: mountName(mount, options.bind, destination),
    keep: false,
  };
}

export const init = (pointer: string, title: string, action: Action): Step => ({
  chapter,
  pointer,
  title,
  stage: 'init',
  action,
});

const changes = ({ set, clear, spare = 0n }: OwnAttributes): boolean => set !== 0n || clear !== 0n || spare !== 0n;

/** Attributes of one mount, not of those below it; `spare` and `locked` as for tree.setattr. */
export interface OwnAttributes extends AttributeChange {
  readonly spare?: bigint;
  readonly locked?: boolean;
}

export function attributeSteps(
  { options, pointer, name }: MountEntry,
  slot: number,
  own: OwnAttributes,
  stage: 'init' | 'intermediate',
): Step[] {
  const steps: Step[] = [];
  const set = (change: Parameters<typeof setAttributes>[1], title: string): void => {
    steps.push({ chapter, pointer: `${pointer}/options`, title, stage, action: setAttributes(slot, change) });
  };
  if (changes(own)) set(own, `set the attributes of ${name}`);
  if (changes(options.recursive)) set({ ...options.recursive, recursive: true }, `set the recursive attributes of ${name}`);
  for (const propagation of options.propagation) {
    const recursive = (propagation & MS_REC) !== 0n;
    set({ propagation: propagation & ~MS_REC, recursive }, `set the propagation of ${name}`);
  }
  return steps;
}

export function attach({ mount, destination, pointer, name, keep }: MountEntry, slot: number, inheritMode: boolean): Step {
  // A symlink there would lead labels and parameters astray (CVE-2019-19921, CVE-2023-27561).
  const special = mount.type === 'proc' || mount.type === 'sysfs' || destination === '/proc' || destination === '/sys';
  const onProc = replaceableProcFiles.has(destination);
  return init(pointer, `mount ${name}`, { op: 'tree.attach', slot, destination, noSymlinks: special, inheritMode, onProc, keep });
}

/** For mounts that the runtime still has to make something in; `slot` has to be kept until then. */
export function makeReadonly({ pointer, destination }: MountEntry, slot: number): Step {
  return {
    ...init(pointer, `make ${JSON.stringify(destination)} read-only`, {
      op: 'fs.reconfigure',
      slot,
      destination,
      options: [],
      set: MOUNT_ATTR_RDONLY,
      clear: 0n,
    }),
    chapter: 'Protection',
  };
}
