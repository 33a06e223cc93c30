import { RuntimeError } from '../errors.ts';
import type { Mount } from '../spec/types.ts';
import { MOUNT_ATTR__ATIME, MOUNT_ATTR_RDONLY } from './constants.ts';
import { hasOwn, isNew, type PlanContext } from './context.ts';
import { IdMappings, isMapped, refuseIdMapping } from './idmap.ts';
import { type AttributeChange, type MountOptions, parseMountOptions } from './mount-options.ts';
import { isWithin, normalize, resolveFrom } from './path.ts';
import type { Step, Warning } from './plan.ts';
import type { Action } from './wire.ts';

export const chapter = 'Mounts';

/** Steps of all mounts, split by when they may run. */
export interface MountSteps {
  /** Sources that are opened before the user namespace is entered, where the runtime's privileges still hold. */
  readonly early: readonly Step[];
  readonly mounts: readonly Step[];
  /** Filesystems that become read-only only when everything below them is made. */
  readonly late: readonly Step[];
  readonly warnings: readonly Warning[];
}

/** Filesystems whose superblock is shared or has nothing to protect: `ro` concerns their mount alone. */
const mountOnlyReadonly = new Set(['tmpfs', 'proc', 'mqueue', 'devpts', 'cgroup', 'cgroup2', 'securityfs', 'debugfs', 'tracefs', 'bpf']);

/** Longest option that fsconfig(2) takes as a string, without its NUL. */
const FSCONFIG_STRING_MAX = 255;

/** Files below /proc that containers may replace (lxcfs and the like). */
const replaceableProcFiles = new Set(
  [
    'cpuinfo',
    'diskstats',
    'meminfo',
    'stat',
    'swaps',
    'uptime',
    'loadavg',
    'slabinfo',
    'sys/kernel/ns_last_pid',
    'sys/crypto/fips_enabled',
  ].map((name) => `/proc/${name}`),
);

interface MountEntry {
  readonly mount: Mount;
  readonly options: MountOptions;
  readonly destination: string;
  readonly pointer: string;
  readonly name: string;
}

function entry(mount: Mount, index: number): MountEntry {
  const options = parseMountOptions(mount.options ?? []);
  const destination = normalize(`/${mount.destination}`);
  const what = options.bind ? (mount.source ?? '') : (mount.type ?? '');
  return { mount, options, destination, pointer: `/mounts/${index}`, name: `${JSON.stringify(what)} on ${JSON.stringify(destination)}` };
}

/** All mounts of the spec, in their order (CFG-008). */
export function planMounts(context: PlanContext): MountSteps {
  const early: Step[] = [];
  const mounts: Step[] = [];
  const late: Step[] = [];
  const ids = new IdMappings(context);
  requireSelinux(context);
  (context.spec.mounts ?? []).forEach((mount, index) => {
    const item = entry(mount, index);
    refuseProcTricks(item);
    if (item.options.remount) mounts.push(remount(item));
    else if (item.options.bind) planBind(context, item, ids, early, mounts);
    else if (mount.type === 'cgroup' || mount.type === 'cgroup2') planCgroupMount(context, item, mounts, late);
    else planFilesystem(context, item, ids, early, mounts, late);
  });
  return { early: [...ids.prepare(), ...early], mounts, late, warnings: ignoredOptions(context) };
}

/** mount(2) ignores what a bind has no filesystem for, and so do other runtimes; an option of a typing error should still be seen. */
function ignoredOptions({ spec }: PlanContext): Warning[] {
  return (spec.mounts ?? []).map(entry).flatMap(({ options, pointer, name }) => {
    if (!options.bind || options.remount || options.filesystem.length === 0) return [];
    const message = `mount ${name}: a bind mount takes no filesystem options, ${options.filesystem.join(',')} is ignored`;
    return [{ code: 'MOUNT_OPTION_IGNORED', message, pointer: `${pointer}/options` }];
  });
}

function requireSelinux({ linux, facts }: PlanContext): void {
  if (!linux.mountLabel || facts.selinux) return;
  throw new RuntimeError('SELINUX_MISSING', `mount label ${JSON.stringify(linux.mountLabel)}: selinux is not enabled on this host`, {
    pointer: '/linux/mountLabel',
  });
}

/** Filesystems whose labels the policy alone decides, and which refuse the option context=. */
const labelledByPolicy = new Set(['proc', 'sysfs', 'mqueue', 'cgroup', 'cgroup2']);

/** The mount label as an option of a new filesystem (LNX-183); one that the mount names itself wins. */
function labelOptions({ linux }: PlanContext, type: string, options: MountOptions): string[] {
  const named = options.filesystem.some((option) => /^(?:def|fs|root)?context=/.test(option));
  return !linux.mountLabel || named || labelledByPolicy.has(type) ? [] : [`context=${linux.mountLabel}`];
}

/** A mount over or inside /proc would let the image fake what the runtime later writes to (CVE-2019-16884). */
function refuseProcTricks({ mount, options, destination, pointer }: MountEntry): void {
  if (destination === '/proc' && (options.bind ? normalize(mount.source ?? '') === '/proc' : mount.type === 'proc')) return;
  if (!isWithin('/proc', destination) || replaceableProcFiles.has(destination)) return;
  throw new RuntimeError('MOUNT_INSIDE_PROC', `${JSON.stringify(destination)} cannot be mounted because it is inside /proc`, {
    pointer: `${pointer}/destination`,
  });
}

const init = (pointer: string, title: string, action: Action): Step => ({
  chapter,
  pointer,
  title,
  stage: 'init',
  action,
});

const changes = (change: AttributeChange): boolean => change.set !== 0n || change.clear !== 0n;

/** The kernel refuses a time attribute unless the whole group is cleared with it. */
const withAtimeGroup = ({ set, clear }: AttributeChange): AttributeChange => ({
  set,
  clear: (set & MOUNT_ATTR__ATIME) !== 0n ? clear | MOUNT_ATTR__ATIME : clear,
});

function attributeSteps(
  { options, pointer, name }: MountEntry,
  slot: number,
  own: AttributeChange,
  stage: 'init' | 'intermediate',
): Step[] {
  const steps: Step[] = [];
  const set = (change: AttributeChange, propagation: bigint, recursive: boolean, title: string): void => {
    const action = { op: 'tree.setattr', slot, ...withAtimeGroup(change), propagation, userNamespace: 0, recursive } as const;
    steps.push({ chapter, pointer: `${pointer}/options`, title, stage, action });
  };
  if (changes(own)) set(own, 0n, false, `set the attributes of ${name}`);
  if (changes(options.recursive)) set(options.recursive, 0n, true, `set the recursive attributes of ${name}`);
  for (const propagation of options.propagation) {
    const recursive = (propagation & 0x4000n) !== 0n;
    set({ set: 0n, clear: 0n }, propagation & ~0x4000n, recursive, `set the propagation of ${name}`);
  }
  return steps;
}

function attach({ mount, destination, pointer, name }: MountEntry, slot: number, inheritMode: boolean): Step {
  // A symlink there would lead labels and parameters astray (CVE-2019-19921, CVE-2023-27561).
  const special = mount.type === 'proc' || mount.type === 'sysfs' || destination === '/proc' || destination === '/sys';
  const onProc = replaceableProcFiles.has(destination);
  return init(pointer, `mount ${name}`, { op: 'tree.attach', slot, destination, noSymlinks: special, inheritMode, onProc });
}

/** Whether bind sources are opened before the user namespace, or before propagation is cut, instead of in their turn. */
export function opensSourcesEarly({ linux }: PlanContext): boolean {
  return hasOwn(linux, 'user') || linux.rootfsPropagation?.endsWith('shared') === true;
}

function planBind(context: PlanContext, item: MountEntry, ids: IdMappings, early: Step[], mounts: Step[]): void {
  const { mount, options, pointer, name } = item;
  if (!mount.source)
    throw new RuntimeError('MOUNT_SOURCE_MISSING', `mount ${name}: a bind mount needs a source`, { pointer: `${pointer}/source` });
  const slot = context.nextSlot();
  const source = resolveFrom(context.options.bundle, mount.source);
  const stage = opensSourcesEarly(context) ? 'intermediate' : 'init';
  const target = stage === 'intermediate' ? early : mounts;
  target.push({
    chapter,
    pointer: `${pointer}/source`,
    title: `open ${JSON.stringify(source)}`,
    stage,
    action: { op: 'tree.clone', source, recursive: options.recursiveBind, noFollow: false, slot },
  });
  if (stage === 'intermediate' && hasOwn(context.linux, 'user') && !context.linux.rootfsPropagation?.endsWith('shared')) {
    // Cloned from the runtime's own mount namespace: without this, mounts below it would appear on the host.
    target.push({
      chapter,
      title: `cut ${JSON.stringify(source)} from the host's propagation`,
      stage,
      action: { op: 'tree.setattr', slot, set: 0n, clear: 0n, propagation: 1n << 19n, userNamespace: 0, recursive: true },
    });
  }
  target.push(...ids.map(item, slot, stage), ...attributeSteps(item, slot, options.attributes, stage));
  mounts.push(attach(item, slot, false));
}

function planFilesystem(context: PlanContext, item: MountEntry, ids: IdMappings, early: Step[], mounts: Step[], late: Step[]): void {
  const { mount, options, pointer, destination, name } = item;
  if (!mount.type)
    throw new RuntimeError('MOUNT_TYPE_MISSING', `mount ${name}: a mount that is no bind mount needs a type`, {
      pointer: `${pointer}/type`,
    });
  const readonly = (options.attributes.set & MOUNT_ATTR_RDONLY) !== 0n;
  // Everything else of the runtime still has to be made inside these: they become read-only at the end.
  const delayReadonly = readonly && (mount.type === 'tmpfs' || destination === '/dev');
  const attributes = delayReadonly ? options.attributes.set & ~MOUNT_ATTR_RDONLY : options.attributes.set;
  if (needsLegacyMount(mount.type, options)) mounts.push(...legacyMount(context, item, mount.type, attributes));
  else planDetached(context, { ...item, type: mount.type, readonly, creationAttributes: attributes }, ids, early, mounts);
  if (delayReadonly) late.push(makeReadonly(pointer, destination));
}

function legacyMount(context: PlanContext, item: MountEntry, type: string, attributes: bigint): Step[] {
  const { mount, options, pointer, destination, name } = item;
  refuseIdMapping(item, 'the filesystem or its options need mount(2), which makes no detached mount');
  const slot = context.nextSlot();
  return [
    init(pointer, `mount ${name}`, {
      op: 'fs.mountLegacy',
      type,
      source: mount.source ?? type,
      flags: legacyFlags(options, attributes),
      // Quoted, because a label may hold commas.
      data: [...options.filesystem, ...labelOptions(context, type, options).map((option) => option.replace(/=(.*)/, '="$1"'))].join(','),
      destination,
      noSymlinks: false,
      slot,
    }),
    ...attributeSteps(item, slot, { set: 0n, clear: 0n }, 'init'),
  ];
}

interface NewFilesystem extends MountEntry {
  readonly type: string;
  readonly readonly: boolean;
  readonly creationAttributes: bigint;
}

function planDetached(context: PlanContext, item: NewFilesystem, ids: IdMappings, early: Step[], mounts: Step[]): void {
  const { mount, options, pointer, destination, name, type } = item;
  const slot = context.nextSlot();
  // Inside a user namespace nobody may map ids by another namespace than that of the filesystem's maker.
  const stage = isMapped(item) && hasOwn(context.linux, 'user') ? 'intermediate' : 'init';
  const target = stage === 'intermediate' ? early : mounts;
  const superblock = item.readonly && !mountOnlyReadonly.has(type) ? ['ro', ...options.superblock] : options.superblock;
  const copyUp = options.copyUp
    ? [init(pointer, `copy what ${destination} holds into ${name}`, { op: 'tree.copyUp', slot, destination })]
    : [];
  target.push({
    chapter,
    pointer,
    title: `create ${name}`,
    stage,
    action: {
      op: 'fs.mount',
      type,
      source: mount.source ?? type,
      options: [...superblock, ...options.filesystem, ...labelOptions(context, type, options)],
      attributes: item.creationAttributes,
      slot,
    },
  });
  target.push(...attributeSteps(item, slot, { set: 0n, clear: 0n }, stage));
  // Copied before ids are mapped: afterwards the runtime's own ids need not have a place in the filesystem.
  if (stage === 'init') mounts.push(...copyUp, ...ids.map(item, slot, stage));
  else {
    early.push(...ids.map(item, slot, stage));
    mounts.push(...copyUp);
  }
  const inheritMode = type === 'tmpfs' && !options.filesystem.some((option) => option.startsWith('mode='));
  mounts.push(attach(item, slot, inheritMode));
}

function makeReadonly(pointer: string, destination: string): Step {
  return {
    ...init(pointer, `make ${JSON.stringify(destination)} read-only`, {
      op: 'fs.reconfigure',
      destination,
      options: [],
      set: MOUNT_ATTR_RDONLY,
      clear: 0n,
    }),
    chapter: 'Protection',
  };
}

function remount(item: MountEntry): Step {
  refuseIdMapping(item, 'a remount changes no id mapping');
  const { options, destination, pointer, name } = item;
  const { set, clear } = withAtimeGroup(options.attributes);
  return init(pointer, `remount ${name}`, {
    op: 'fs.reconfigure',
    destination,
    options: [...options.superblock, ...options.filesystem],
    set,
    clear,
  });
}

/** overlay parses lowerdir differently through fsconfig; iversion and silent exist only as mount(2) flags. */
function needsLegacyMount(type: string, options: MountOptions): boolean {
  return (
    type === 'overlay' ||
    options.superblock.some((flag) => flag === 'iversion' || flag === 'silent') ||
    options.filesystem.some((option) => option.length > FSCONFIG_STRING_MAX)
  );
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
  return options.superblock.reduce((flags, name) => flags | (bySuperblock[name] ?? 0n), own);
}

/** A cgroup mount shows the container's own cgroups (ENG-024): the whole hierarchy of a cgroup namespace, or a bind of its directory. */
function planCgroupMount(context: PlanContext, item: MountEntry, mounts: Step[], late: Step[]): void {
  const { facts } = context;
  refuseIdMapping(item, 'a cgroup filesystem has none of its own');
  if (facts.cgroup.mode === 'unified') planUnifiedCgroup(context, item, '', mounts);
  else if (facts.cgroup.mode === 'none') {
    throw new RuntimeError('CGROUP_NOT_MOUNTED', `mount ${item.name}: no cgroup filesystem is mounted on this host`, {
      pointer: item.pointer,
    });
  } else if (item.mount.type === 'cgroup2') planUnifiedCgroup(context, item, '', mounts);
  else planCgroupV1(context, item, mounts, late);
}

function planUnifiedCgroup(context: PlanContext, item: MountEntry, controller: string, mounts: Step[]): void {
  const slot = context.nextSlot();
  const { options, pointer, name } = item;
  const directory = context.cgroupPaths[controller];
  if (isNew(context.linux, 'cgroup') || directory === undefined) {
    const attributes = options.attributes.set;
    mounts.push(
      init(pointer, `create ${name}`, {
        op: 'fs.mount',
        type: 'cgroup2',
        source: item.mount.source ?? 'cgroup',
        options: options.filesystem,
        attributes,
        slot,
      }),
    );
    mounts.push(...attributeSteps(item, slot, { set: 0n, clear: 0n }, 'init'));
  } else {
    mounts.push(
      init(pointer, `open ${JSON.stringify(directory)}`, { op: 'tree.clone', source: directory, recursive: true, noFollow: true, slot }),
    );
    mounts.push(...attributeSteps(item, slot, options.attributes, 'init'));
  }
  mounts.push(attach(item, slot, false));
}

function planCgroupV1(context: PlanContext, item: MountEntry, mounts: Step[], late: Step[]): void {
  const { facts, linux } = context;
  const { pointer, destination, options } = item;
  const readonly = (options.attributes.set & MOUNT_ATTR_RDONLY) !== 0n;
  const folder = context.nextSlot();
  const attributes = options.attributes.set & ~MOUNT_ATTR_RDONLY;
  mounts.push(
    init(pointer, `create "tmpfs" on ${JSON.stringify(destination)}`, {
      op: 'fs.mount',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['mode=755'],
      attributes,
      slot: folder,
    }),
  );
  mounts.push(attach(item, folder, false));
  for (const { mountPoint, controllers } of hierarchiesByMount(facts.cgroup.hierarchies)) {
    const slot = context.nextSlot();
    const base = mountPoint.slice(mountPoint.lastIndexOf('/') + 1);
    const target = `${destination}/${base}`;
    const directory = context.cgroupPaths[controllers[0] as string];
    if (isNew(linux, 'cgroup')) {
      const names = controllers.flatMap((name) => (name.startsWith('name=') ? ['none', name] : [name]));
      mounts.push(
        init(pointer, `create cgroup ${base} on ${JSON.stringify(target)}`, {
          op: 'fs.mount',
          type: 'cgroup',
          source: 'cgroup',
          options: names,
          attributes: options.attributes.set,
          slot,
        }),
      );
    } else {
      if (directory === undefined) continue;
      mounts.push(
        init(pointer, `open ${JSON.stringify(directory)}`, { op: 'tree.clone', source: directory, recursive: false, noFollow: true, slot }),
      );
      mounts.push(
        init(pointer, `set the attributes of cgroup ${base}`, {
          op: 'tree.setattr',
          slot,
          ...withAtimeGroup(options.attributes),
          propagation: 0n,
          userNamespace: 0,
          recursive: false,
        }),
      );
    }
    mounts.push(
      init(pointer, `mount cgroup ${base} on ${JSON.stringify(target)}`, {
        op: 'tree.attach',
        slot,
        destination: target,
        noSymlinks: false,
        inheritMode: false,
        onProc: false,
      }),
    );
    for (const controller of controllers.length > 1 ? controllers : []) {
      mounts.push(
        init(pointer, `link ${destination}/${controller} to ${base}`, {
          op: 'link.make',
          path: `${destination}/${controller}`,
          target: base,
          replace: false,
        }),
      );
    }
  }
  if (readonly) late.push(makeReadonly(pointer, destination));
}

function hierarchiesByMount(hierarchies: PlanContext['facts']['cgroup']['hierarchies']): { mountPoint: string; controllers: string[] }[] {
  const byMount = new Map<string, string[]>();
  for (const [controller, { mountPoint }] of Object.entries(hierarchies)) {
    if (controller === '') continue;
    byMount.set(mountPoint, [...(byMount.get(mountPoint) ?? []), controller]);
  }
  return [...byMount].map(([mountPoint, controllers]) => ({ mountPoint, controllers }));
}
