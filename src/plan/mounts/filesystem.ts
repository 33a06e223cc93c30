import { lookup } from '../../lookup.ts';
import { MOUNT_ATTR_RDONLY } from '../constants.ts';
import { hasOwn, namespacePath, type PlanContext } from '../context.ts';
import { type IdMappings, isMapped, requireNoMapping } from '../namespaces/idmap.ts';
import type { NamespaceType } from '../namespaces/types.ts';
import type { Step } from '../plan.ts';
import { unvalidated } from '../unvalidated.ts';
import type { Action } from '../wire/ops.ts';
import { labelOption, optionData } from './filesystem-options.ts';
import { needsLegacyMount } from './legacy.ts';
import type { MountOptions } from './options.ts';
import { attach, attributeSteps, chapter, init, type MountEntry, makeReadonly } from './steps.ts';

/** Filesystems whose superblock is shared or has nothing to protect: `ro` concerns their mount alone. */
const mountOnlyReadonly = new Set(['tmpfs', 'proc', 'mqueue', 'devpts', 'cgroup', 'cgroup2', 'securityfs', 'debugfs', 'tracefs', 'bpf']);

/** Filesystems whose labels the policy alone decides, and which refuse the option context=. */
const labelledByPolicy = new Set(['proc', 'sysfs', 'mqueue', 'cgroup', 'cgroup2']);

/** The mount label as an option of a new filesystem (LNX-183); one that the mount names itself wins. */
function labelOptions({ linux }: PlanContext, type: string, options: MountOptions): string[] {
  const named = options.filesystem.some((option) => labelOption.test(option));
  return !linux.mountLabel || named || labelledByPolicy.has(type) ? [] : [`context=${linux.mountLabel}`];
}

/** Which namespace a filesystem shows. */
const shownNamespace: ReadonlyMap<string, NamespaceType> = new Map([
  ['sysfs', 'network'],
  ['mqueue', 'ipc'],
  ['proc', 'pid'],
]);

/** Since when procfs takes the option pidns=. */
const pidnsOption = [6, 17] as const;

/**
 * Further options of a filesystem that shows a namespace which belongs to another user namespace than the container's: nobody in there may
 * mount it, so the runtime makes it. Undefined: it is no such filesystem, or cannot be made.
 */
function foreignOptions({ linux, facts }: PlanContext, type: string): readonly string[] | undefined {
  const namespace = shownNamespace.get(type);
  if (namespace === undefined || !hasOwn(linux, 'user') || facts.euid !== 0) return undefined;
  const path = namespacePath(linux, namespace);
  if (path === '') return undefined;
  if (namespace !== 'pid' || path === undefined) return [];
  // A proc shows the namespace of its maker, who himself is not in the one that he has joined for his children.
  const [major, minor] = facts.kernel;
  const known = major > pidnsOption[0] || (major === pidnsOption[0] && minor >= pidnsOption[1]);
  return known && !namespacePath(linux, 'mount') ? ['pidns=/proc/self/ns/pid_for_children'] : undefined;
}

/** Steps by when they run, as in MountSteps. */
type Lists = Readonly<Record<'early' | 'foreign' | 'mounts' | 'late', Step[]>>;

/** A new filesystem, made by fsopen(2) where the kernel can, else by mount(2), and then attached. */
export function planFilesystem(context: PlanContext, item: MountEntry, ids: IdMappings, lists: Lists): void {
  const { mount, options, destination } = item;
  if (!mount.type) throw unvalidated(`the mount ${item.name} has no type`);
  const readonly = (options.attributes.set & MOUNT_ATTR_RDONLY) !== 0n;
  // Everything else of the runtime still has to be made inside these: they become read-only at the end.
  const delayReadonly = readonly && (mount.type === 'tmpfs' || destination === '/dev');
  const attributes = delayReadonly ? options.attributes.set & ~MOUNT_ATTR_RDONLY : options.attributes.set;
  const legacy = needsLegacyMount(mount.type, options);
  if (legacy) requireNoMapping(item);
  const slot = context.nextSlot();
  const filesystem = { ...item, type: mount.type, readonly, creationAttributes: attributes, keep: item.keep || delayReadonly };
  planDetached(context, filesystem, legacy ? legacyMount(context, filesystem, slot) : newMount(context, filesystem, slot), ids, lists);
  if (delayReadonly) lists.late.push(makeReadonly(item, slot));
}

interface NewFilesystem extends MountEntry {
  readonly type: string;
  readonly readonly: boolean;
  readonly creationAttributes: bigint;
}

type Creation = Extract<Action, { op: 'fs.mount' | 'fs.mountLegacy' }>;

function newMount(context: PlanContext, item: NewFilesystem, slot: number): Creation {
  const { mount, options, type } = item;
  const superblock = item.readonly && !mountOnlyReadonly.has(type) ? ['ro', ...options.superblock] : options.superblock;
  return {
    op: 'fs.mount',
    type,
    source: mount.source ?? type,
    options: [...superblock, ...options.filesystem, ...labelOptions(context, type, options), ...(foreignOptions(context, type) ?? [])],
    attributes: item.creationAttributes,
    slot,
  };
}

function legacyMount(context: PlanContext, { mount, options, type, creationAttributes }: NewFilesystem, slot: number): Creation {
  return {
    op: 'fs.mountLegacy',
    type,
    source: mount.source ?? type,
    flags: legacyFlags(options, creationAttributes),
    data: optionData([...options.filesystem, ...labelOptions(context, type, options)]),
    slot,
  };
}

function planDetached(context: PlanContext, item: NewFilesystem, action: Creation, ids: IdMappings, lists: Lists): void {
  const { options, pointer, destination, name, type } = item;
  const { slot } = action;
  // Inside a user namespace nobody may map ids by another namespace than that of the filesystem's maker.
  const mapped = isMapped(item) && hasOwn(context.linux, 'user');
  const foreign = action.op === 'fs.mount' && foreignOptions(context, type) !== undefined;
  const stage = mapped || foreign ? 'intermediate' : 'init';
  const { mounts } = lists;
  const target = foreign ? lists.foreign : mapped ? lists.early : mounts;
  const copyUp = options.copyUp
    ? [init(pointer, `copy what ${destination} holds into ${name}`, { op: 'tree.copyUp', slot, destination })]
    : [];
  target.push({ chapter, pointer, title: `create ${name}`, stage, action });
  target.push(...attributeSteps(item, slot, { set: 0n, clear: 0n }, stage));
  // Copied before ids are mapped: afterwards the runtime's own ids need not have a place in the filesystem.
  if (stage === 'init') mounts.push(...copyUp, ...ids.map(item, slot, stage));
  else {
    target.push(...ids.map(item, slot, stage));
    mounts.push(...copyUp);
  }
  const inheritMode = type === 'tmpfs' && !options.filesystem.some((option) => option.startsWith('mode='));
  mounts.push(attach(item, slot, inheritMode));
}

/** MS_* flags of mount(2) by MOUNT_ATTR_* bit and by superblock flag. */
function legacyFlags(options: MountOptions, attributes: bigint): bigint {
  const byAttribute: [bigint, bigint][] = [
    [0x1n, 1n],
    [0x2n, 2n],
    [0x4n, 4n],
    [0x8n, 8n],
    [0x10n, 1n << 10n],
    [0x20n, 1n << 24n],
    [0x80n, 1n << 11n],
    [0x200000n, 1n << 8n],
  ];
  const bySuperblock: Record<string, bigint> = {
    sync: 16n,
    mand: 64n,
    dirsync: 128n,
    silent: 1n << 15n,
    iversion: 1n << 23n,
    lazytime: 1n << 25n,
  };
  const own = byAttribute.reduce((flags, [attribute, flag]) => ((attributes & attribute) !== 0n ? flags | flag : flags), 0n);
  return options.superblock.reduce((flags, name) => flags | (lookup(bySuperblock, name) ?? 0n), own);
}
