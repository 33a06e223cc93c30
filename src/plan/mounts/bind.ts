import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
} from '../../kernel.gen.ts';
import type { MountOptions } from '../../spec/mounts/options.ts';
import { isWithin, resolveFrom } from '../../spec/path.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { hasOwn, lacksMounts, type PlanContext } from '../context.ts';
import type { IdMappings } from '../namespaces/idmap.ts';
import type { Step } from '../plan.ts';
import { propagationFromHost } from '../rootfs/propagation.ts';
import { setAttributes } from './attributes.ts';
import { attach, attributeSteps, chapter, type MountEntry, type OwnAttributes } from './steps.ts';

/** Whether bind sources are opened before the user namespace, or before propagation is cut, instead of in their turn. */
export function opensSourcesEarly({ linux, facts }: PlanContext): boolean {
  // A copy made with less rights shares nothing with its original.
  if (lacksMounts(facts)) return false;
  return hasOwn(linux, 'user') || (hasOwn(linux, 'mount') && linux.rootfsPropagation?.endsWith('shared') === true);
}

/** A detached clone of the source, given its attributes and then attached. */
export function planBind(context: PlanContext, item: MountEntry, ids: IdMappings, early: Step[], mounts: Step[]): void {
  const { mount, options, pointer, name } = item;
  if (!mount.source) throw unvalidated(`the bind mount ${name} has no source`);
  const slot = context.nextSlot();
  const source = resolveFrom(context.options.bundle, mount.source);
  const inside = pathInside(context.rootfs, source);
  const stage = inside === undefined && opensSourcesEarly(context) ? 'intermediate' : 'init';
  const target = stage === 'intermediate' ? early : mounts;
  const recursive = options.recursiveBind;
  target.push({
    chapter,
    pointer: `${pointer}/source`,
    title: `open ${JSON.stringify(source)}`,
    stage,
    action:
      inside === undefined
        ? { op: 'tree.clone', source, recursive, noFollow: false, slot }
        : { op: 'tree.cloneInside', path: inside, recursive, slot },
  });
  const shared = context.linux.rootfsPropagation?.endsWith('shared') === true;
  if (!hasOwn(context.linux, 'mount') || (stage === 'intermediate' && hasOwn(context.linux, 'user') && !shared)) {
    // Cloned from the runtime's own mount namespace: without this, mounts below it would appear on the host.
    target.push({
      chapter,
      title: `cut ${JSON.stringify(source)} from the host's propagation`,
      stage,
      action: setAttributes(slot, { propagation: propagationFromHost(context), recursive: true }),
    });
  }
  target.push(...ids.map(item, slot, stage), ...attributeSteps(item, slot, bindAttributes(context, options), stage));
  mounts.push(attach(item, slot, false));
}

/**
 * Where a source that lies in the rootfs is there. Such a source shows what earlier mounts have put there, and the image must not lead it
 * out of the rootfs by a symlink.
 */
function pathInside(rootfs: string, source: string): string | undefined {
  if (rootfs === '/' || !isWithin(rootfs, source)) return undefined;
  return source.slice(rootfs.length) || '/';
}

/** Flags that a user namespace locks in the mounts it did not make itself (mount_namespaces(7)). */
const lockable = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/**
 * The flags asked for replace those of the source, and none asked for leave them, as mount(2) would with MS_REMOUNT | MS_BIND: of the times
 * all or none. The container's user namespace gets what the host has for locked, which for the runtime it is not.
 */
function bindAttributes({ linux }: PlanContext, { attributes, namesFlags }: MountOptions): OwnAttributes {
  const { set, clear } = attributes;
  if (!namesFlags) return attributes;
  const locked = hasOwn(linux, 'user');
  const times = (clear & MOUNT_ATTR__ATIME) !== 0n ? MOUNT_ATTR_NODIRATIME : (set & MOUNT_ATTR_NODIRATIME) !== 0n ? MOUNT_ATTR__ATIME : 0n;
  const replaced = (locked ? 0n : lockable) | MOUNT_ATTR_NOSYMFOLLOW | times;
  return { set, clear, spare: replaced & ~set & ~clear, locked: locked && (clear & lockable) !== 0n };
}
