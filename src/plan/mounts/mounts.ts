import { isInsideProc } from '../../spec/mounts/proc.ts';
import type { Mount } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { hasOwn, type PlanContext } from '../context.ts';
import { IdMappings, requireNoMapping } from '../namespaces/idmap.ts';
import type { Step, Warning } from '../plan.ts';
import { unenforced } from '../process/security-module.ts';
import { withAtimeGroup } from './attributes.ts';
import { planBind } from './bind.ts';
import { planCgroupMount } from './cgroup.ts';
import { planFilesystem } from './filesystem.ts';
import { MountPlaces } from './places.ts';
import { entry, init, type MountEntry } from './steps.ts';
import { withoutPrivileges } from './unprivileged.ts';

/** Steps of all mounts, split by when they may run. */
export interface MountSteps {
  /** Sources that are opened before the user namespace is entered, where the runtime's privileges still hold. */
  readonly early: readonly Step[];
  /** Filesystems of namespaces that are not the user namespace's: made when these are entered and it is not. */
  readonly foreign: readonly Step[];
  readonly mounts: readonly Step[];
  /** Filesystems that become read-only only when everything below them is made. */
  readonly late: readonly Step[];
  /** What is known of the mounts when they are attached. */
  readonly places: MountPlaces;
  readonly warnings: readonly Warning[];
}

/**
 * All mounts of the spec, in their order (CFG-008).
 * @param ids what the ids of others are mapped by as well
 */
export function planMounts(context: PlanContext, ids = new IdMappings(context)): MountSteps {
  const early: Step[] = [];
  const foreign: Step[] = [];
  const mounts: Step[] = [];
  const late: Step[] = [];
  requireSelinux(context);
  requireNamespace(context);
  const places = new MountPlaces(
    context,
    (context.spec.mounts ?? []).map((mount, index) => entry(withoutPrivileges(context, mount, index), index)),
  );
  const { entries } = places;
  for (const item of entries) {
    const { mount } = item;
    if (isInsideProc(mount, item.options.bind && !item.options.remount)) throw unvalidated(`the mount ${item.name} is inside /proc`);
    const first = mounts.length;
    if (item.options.remount) mounts.push(remount(item, places));
    else if (item.options.bind) planBind(context, item, ids, early, mounts);
    else if (isCgroup(mount)) planCgroupMount(context, item, mounts, late);
    else planFilesystem(context, item, ids, { early, foreign, mounts, late });
    places.note(item, mounts.slice(first));
  }
  return { early: [...ids.prepare(), ...early], foreign, mounts, late, places, warnings: ignoredOptions(entries, places) };
}

/** mount(2) ignores what a bind has no filesystem for, and so do other runtimes; an option of a typing error should still be seen. */
function ignoredOptions(entries: readonly MountEntry[], places: MountPlaces): Warning[] {
  return entries.flatMap((item) => {
    const { options, pointer, name } = item;
    const ofCgroups = options.remount && isCgroup(places.target(item)?.mount);
    const ignored = ofCgroups ? superblockOptions(item) : options.bind && !options.remount ? options.filesystem : [];
    if (ignored.length === 0) return [];
    const why = ofCgroups ? 'the cgroup filesystem is that of the whole machine' : 'a bind mount takes no filesystem options';
    const message = `mount ${name}: ${why}, ${ignored.join(',')} is ignored`;
    return [{ code: 'MOUNT_OPTION_IGNORED', message, pointer: `${pointer}/options` }];
  });
}

const isCgroup = (mount: Mount | undefined): boolean => mount?.type === 'cgroup' || mount?.type === 'cgroup2';

const superblockOptions = ({ options }: MountEntry): string[] => [...options.superblock, ...options.filesystem];

/** Otherwise the host's own mounts would be changed. */
function requireNamespace({ spec: { mounts, root }, linux }: PlanContext): void {
  if (hasOwn(linux, 'mount')) return;
  if ((hasOwn(linux, 'user') && (mounts?.length ?? 0) > 0) || root?.readonly === true) throw unvalidated('there is no mount namespace');
}

function requireSelinux({ linux, facts }: PlanContext): void {
  if (!linux.mountLabel || facts.selinux) return;
  throw unenforced('SELinux', `mount label ${JSON.stringify(linux.mountLabel)}`, '/linux/mountLabel');
}

function remount(item: MountEntry, places: MountPlaces): Step {
  requireNoMapping(item);
  const { options, destination, pointer, name } = item;
  const { set, clear } = withAtimeGroup(options.attributes);
  return init(pointer, `remount ${name}`, {
    op: 'fs.reconfigure',
    slot: places.remounted(item),
    destination,
    // To reconfigure a cgroup filesystem takes nsdelegate from the host, as a new mount does.
    options: isCgroup(places.target(item)?.mount) ? [] : superblockOptions(item),
    set,
    clear,
  });
}
