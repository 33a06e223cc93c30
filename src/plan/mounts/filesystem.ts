import {
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_DIRSYNC,
  MS_I_VERSION,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_SILENT,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
} from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import { labelOption, optionData } from '../../spec/mounts/filesystem-options.ts';
import { needsLegacyMount } from '../../spec/mounts/legacy.ts';
import type { MountOptions } from '../../spec/mounts/options.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { hasOwn, namespacePath, type PlanContext } from '../context.ts';
import { isAtLeast } from '../kernel-release.ts';
import { type IdMappings, isMapped, requireNoMapping } from '../namespaces/idmap.ts';
import type { NamespaceType } from '../namespaces/types.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
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
  const known = isAtLeast(facts.kernel, pidnsOption);
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

/** MS_* flags of mount(2) by MOUNT_ATTR_* bit. */
const legacyAttributes: readonly (readonly [attribute: bigint, flag: bigint])[] = [
  [MOUNT_ATTR_RDONLY, MS_RDONLY],
  [MOUNT_ATTR_NOSUID, MS_NOSUID],
  [MOUNT_ATTR_NODEV, MS_NODEV],
  [MOUNT_ATTR_NOEXEC, MS_NOEXEC],
  [MOUNT_ATTR_NOATIME, MS_NOATIME],
  [MOUNT_ATTR_STRICTATIME, MS_STRICTATIME],
  [MOUNT_ATTR_NODIRATIME, MS_NODIRATIME],
  [MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW],
];

/** The same by flag of the superblock. */
const legacySuperblock: Readonly<Record<string, bigint>> = {
  sync: MS_SYNCHRONOUS,
  mand: MS_MANDLOCK,
  dirsync: MS_DIRSYNC,
  silent: MS_SILENT,
  iversion: MS_I_VERSION,
  lazytime: MS_LAZYTIME,
};

function legacyFlags({ superblock }: MountOptions, attributes: bigint): bigint {
  const own = legacyAttributes.reduce((flags, [attribute, flag]) => ((attributes & attribute) !== 0n ? flags | flag : flags), 0n);
  return superblock.reduce((flags, name) => flags | (lookup(legacySuperblock, name) ?? 0n), own);
}
