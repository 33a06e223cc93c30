import { RuntimeError } from '../../errors.ts';
import { MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID, MOUNT_ATTR_RDONLY } from '../../kernel.gen.ts';
import type { MountOptions } from '../../spec/mounts/options.ts';
import { hasOwn, isNew, type PlanContext } from '../context.ts';
import { requireNoMapping } from '../namespaces/idmap.ts';
import type { Step } from '../plan.ts';
import { setAttributes } from './attributes.ts';
import { attach, attributeSteps, init, type MountEntry, makeReadonly } from './steps.ts';

/** What the mounts of version 1 that are made for a container have always, as with runc: nothing in them is a program or a device. */
const always = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/** A cgroup mount shows the container's own cgroups (ENG-024): the whole hierarchy of a cgroup namespace, or a bind of its directory. */
export function planCgroupMount(context: PlanContext, item: MountEntry, mounts: Step[], late: Step[]): void {
  const { facts } = context;
  requireNoMapping(item);
  if (facts.cgroup.mode === 'unified') planUnifiedCgroup(context, item, '', mounts);
  else if (facts.cgroup.mode === 'none') {
    throw new RuntimeError('CGROUP_NOT_MOUNTED', `mount ${item.name}: no cgroup filesystem is mounted on this host`, {
      pointer: item.pointer,
      hint: 'leave this mount out, or mount cgroups on /sys/fs/cgroup of the host first',
    });
  } else if (item.mount.type === 'cgroup2') planUnifiedCgroup(context, item, '', mounts);
  else planCgroupV1(context, item, mounts, late);
}

function planUnifiedCgroup(context: PlanContext, item: MountEntry, controller: string, mounts: Step[]): void {
  const slot = context.nextSlot();
  const { options, pointer, name } = item;
  const directory = context.cgroupPaths[controller] ?? wholeHierarchy(context);
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

/**
 * What a container without cgroups sees. A new mount would show the same, but take nsdelegate and other options from all mounts of the machine
 * (cgroups(7)): only in a cgroup namespace does the kernel pass over what is asked.
 */
function wholeHierarchy({ facts, linux }: PlanContext): string | undefined {
  return hasOwn(linux, 'cgroup') ? undefined : facts.cgroup.hierarchies['']?.mountPoint;
}

/** A tmpfs with a directory for each hierarchy, and links by controller where several share one. */
function planCgroupV1(context: PlanContext, item: MountEntry, mounts: Step[], late: Step[]): void {
  const { pointer, destination, options } = item;
  const slot = context.nextSlot();
  const attributes = (options.attributes.set & ~MOUNT_ATTR_RDONLY) | always;
  const title = `create "tmpfs" on ${JSON.stringify(destination)}`;
  mounts.push(init(pointer, title, { op: 'fs.mount', type: 'tmpfs', source: 'tmpfs', options: ['mode=755'], attributes, slot }));
  const readonly = (options.attributes.set & MOUNT_ATTR_RDONLY) !== 0n;
  mounts.push(attach({ ...item, keep: item.keep || readonly }, slot, false));
  for (const hierarchy of hierarchiesByMount(context.facts.cgroup.hierarchies)) mounts.push(...hierarchySteps(context, item, hierarchy));
  if (readonly) late.push(makeReadonly(item, slot));
}

interface MountedHierarchy {
  readonly mountPoint: string;
  readonly controllers: string[];
}

function hierarchySteps(
  context: PlanContext,
  { pointer, destination, options }: MountEntry,
  { mountPoint, controllers }: MountedHierarchy,
): Step[] {
  const slot = context.nextSlot();
  const base = mountPoint.slice(mountPoint.lastIndexOf('/') + 1);
  const target = `${destination}/${base}`;
  const directory = context.cgroupPaths[controllers[0] as string];
  const ownNamespace = isNew(context.linux, 'cgroup');
  if (!ownNamespace && directory === undefined) return [];
  const place = {
    op: 'tree.attach',
    slot,
    destination: target,
    noSymlinks: false,
    inheritMode: false,
    onProc: false,
    keep: false,
  } as const;
  const links = controllers.length > 1 ? controllers : [];
  return [
    ...(ownNamespace
      ? [newHierarchy(pointer, base, target, controllers, options.attributes.set | always, slot)]
      : boundHierarchy(pointer, base, directory as string, options, slot)),
    init(pointer, `mount cgroup ${base} on ${JSON.stringify(target)}`, place),
    ...links.map((name) =>
      init(pointer, `link ${destination}/${name} to ${base}`, {
        op: 'link.make',
        path: `${destination}/${name}`,
        target: base,
        replace: false,
      }),
    ),
  ];
}

/** In a cgroup namespace a new mount of the hierarchy has the container's own cgroup for its root. */
function newHierarchy(
  pointer: string,
  base: string,
  target: string,
  controllers: readonly string[],
  attributes: bigint,
  slot: number,
): Step {
  const options = controllers.flatMap((name) => (name.startsWith('name=') ? ['none', name] : [name]));
  const title = `create cgroup ${base} on ${JSON.stringify(target)}`;
  return init(pointer, title, { op: 'fs.mount', type: 'cgroup', source: 'cgroup', options, attributes, slot });
}

function boundHierarchy(pointer: string, base: string, source: string, { attributes }: MountOptions, slot: number): Step[] {
  return [
    init(pointer, `open ${JSON.stringify(source)}`, { op: 'tree.clone', source, recursive: false, noFollow: true, slot }),
    init(pointer, `set the attributes of cgroup ${base}`, setAttributes(slot, attributes)),
  ];
}

function hierarchiesByMount(hierarchies: PlanContext['facts']['cgroup']['hierarchies']): MountedHierarchy[] {
  const byMount = new Map<string, string[]>();
  for (const [controller, { mountPoint }] of Object.entries(hierarchies)) {
    if (controller === '') continue;
    byMount.set(mountPoint, [...(byMount.get(mountPoint) ?? []), controller]);
  }
  return [...byMount].map(([mountPoint, controllers]) => ({ mountPoint, controllers }));
}
