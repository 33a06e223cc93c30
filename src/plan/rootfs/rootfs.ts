import { RuntimeError } from '../../errors.ts';
import { escapePointer } from '../../spec/pointer.ts';
import { sysctlPath } from '../../spec/rules/sysctl.ts';
import { MOUNT_ATTR_RDONLY, MS_PRIVATE, MS_REC, MS_SLAVE } from '../constants.ts';
import { hasOwn, type PlanContext } from '../context.ts';
import { setAttributes } from '../mounts/attributes.ts';
import { opensSourcesEarly } from '../mounts/bind.ts';
import { propagationOptions } from '../mounts/options.ts';
import type { MountPlaces } from '../mounts/places.ts';
import { normalize } from '../path.ts';
import type { Step } from '../plan.ts';
import { type Action, slots } from '../wire.ts';

const chapter = 'Root filesystem';

function rootPropagation(name: string): { readonly propagation: bigint; readonly recursive: boolean } {
  const flags = propagationOptions[name] as bigint;
  return { propagation: flags & ~MS_REC, recursive: (flags & MS_REC) !== 0n };
}

/** Whether mounts are made in the runtime's own mount namespace, where they have to be undone. */
export const mountsOnHost = ({ spec, linux }: Pick<PlanContext, 'spec' | 'linux'>): boolean =>
  !hasOwn(linux, 'mount') && (spec.mounts ?? []).length > 0;

/** What would change the host for more than the container's life, or cannot be done to it. */
export function refuseChangesOfHost({ spec, linux }: PlanContext): void {
  if (hasOwn(linux, 'mount')) return;
  const refuse = (code: string, message: string, pointer: string): never => {
    throw new RuntimeError(code, message, { pointer, hint: 'add {"type": "mount"} to /linux/namespaces' });
  };
  if (mountsOnHost({ spec, linux }) && hasOwn(linux, 'user'))
    refuse('MOUNT_NAMESPACE_MISSING', 'unable to mount from a USER namespace without a private MNT namespace', '/mounts');
  const restricted =
    (linux.maskedPaths ?? []).length > 0 ? '/linux/maskedPaths' : (linux.readonlyPaths ?? []).length > 0 ? '/linux/readonlyPaths' : '';
  if (restricted) refuse('MOUNT_NAMESPACE_MISSING', 'unable to restrict sys entries without a private MNT namespace', restricted);
  if (spec.root?.readonly)
    refuse('MOUNT_NAMESPACE_MISSING', 'unable to make the root filesystem read-only without a private MNT namespace', '/root/readonly');
}

/**
 * A mount of the rootfs over itself, private, so that nothing mounted below it reaches other namespaces; and it alone has to be detached in
 * the end, since that takes along what is mounted below it.
 */
function planHostRootfs({ rootfs }: PlanContext): Step[] {
  const slot = slots.rootfs;
  const open = { op: 'tree.clone', source: rootfs, recursive: true, noFollow: false, slot } as const;
  const makePrivate = setAttributes(slot, { propagation: MS_PRIVATE, recursive: true });
  const attach = { op: 'rootfs.attach', slot, path: rootfs } as const;
  const step = (title: string, action: Action): Step => ({ chapter, pointer: '/root/path', title, stage: 'init', action });
  return [
    step(`open the root filesystem ${rootfs}`, open),
    step("cut the root filesystem from the host's propagation", makePrivate),
    step(`mount the root filesystem on ${rootfs}, on the host`, attach),
    // Below a shared mount it has become shared itself.
    step('cut it again from the propagation it has got there', makePrivate),
  ];
}

/** Opening the rootfs and putting it in place; `early` as for mount sources. */
export function planRootfs(context: PlanContext): { readonly early: readonly Step[]; readonly attach: readonly Step[] } {
  const { rootfs, linux } = context;
  if (mountsOnHost(context)) return { early: [], attach: planHostRootfs(context) };
  if (!hasOwn(linux, 'mount')) {
    const action = { op: 'rootfs.open', slot: slots.rootfs, path: rootfs } as const;
    return { early: [], attach: [{ chapter, pointer: '/root/path', title: `open the root filesystem ${rootfs}`, stage: 'init', action }] };
  }
  const early = opensSourcesEarly(context);
  const open: Step[] = [
    {
      chapter,
      pointer: '/root/path',
      title: `open the root filesystem ${rootfs}`,
      stage: early ? 'intermediate' : 'init',
      action: { op: 'tree.clone', source: rootfs, recursive: true, noFollow: false, slot: slots.rootfs },
    },
  ];
  if (early) {
    open.push({
      chapter,
      title: "cut the root filesystem from the host's propagation",
      stage: 'intermediate',
      action: setAttributes(slots.rootfs, { propagation: MS_SLAVE, recursive: true }),
    });
  }
  const attach: Step[] = [
    {
      chapter,
      title: "cut this mount namespace from the host's propagation",
      stage: 'init',
      action: { op: 'root.propagation', propagation: MS_SLAVE, recursive: true },
    },
    ...(early ? [] : open),
    {
      chapter,
      pointer: '/root/path',
      title: `mount the root filesystem on ${rootfs}`,
      stage: 'init',
      action: { op: 'rootfs.attach', slot: slots.rootfs, path: rootfs },
    },
  ];
  return { early: early ? open : [], attach };
}

/** The change of root, and what is done to the root once it is "/". */
export function planRootChange(context: PlanContext): Step[] {
  const { linux, options, rootfs } = context;
  if (!hasOwn(linux, 'mount')) {
    return [
      { chapter: 'Change of root', title: `make ${rootfs} the root`, stage: 'init', action: { op: 'root.chroot', slot: slots.rootfs } },
    ];
  }
  if (options.noPivot && linux.rootfsPropagation?.endsWith('private')) {
    throw new RuntimeError('NO_PIVOT_PRIVATE', 'rootfsPropagation private is not possible with --no-pivot', {
      pointer: '/linux/rootfsPropagation',
    });
  }
  const steps: Step[] = [
    options.noPivot
      ? { chapter: 'Change of root', title: `move ${rootfs} to /`, stage: 'init', action: { op: 'root.move' } }
      : {
          chapter: 'Change of root',
          title: 'pivot into the root filesystem and detach the old root',
          stage: 'init',
          action: { op: 'root.pivot' },
        },
  ];
  if (linux.rootfsPropagation) {
    steps.push({
      chapter: 'Change of root',
      pointer: '/linux/rootfsPropagation',
      title: `set the propagation of / to ${linux.rootfsPropagation}`,
      stage: 'init',
      action: { op: 'root.setattr', set: 0n, clear: 0n, ...rootPropagation(linux.rootfsPropagation) },
    });
  }
  return steps;
}

/** Read-only root, read-only paths, masked paths: after everything that still writes to the root. */
export function planProtection({ spec, linux }: PlanContext, places: MountPlaces): Step[] {
  const protect = 'Protection';
  const steps: Step[] = [];
  const rootReadonly = (pointer: string): void => {
    const action = { op: 'root.setattr', set: MOUNT_ATTR_RDONLY, clear: 0n, propagation: 0n, recursive: false } as const;
    steps.push({ chapter: protect, pointer, title: 'make the root filesystem read-only', stage: 'init', action });
  };
  if (spec.root?.readonly) rootReadonly('/root/readonly');
  const moved: string[] = [];
  const add = (op: 'path.readonly' | 'path.mask', path: string, title: string, pointer: string): void => {
    const action = { op, path, ...places.placeOf(path, moved), required: places.isCertain(path) };
    steps.push({ chapter: protect, pointer, title, stage: 'init', action });
  };
  (linux.readonlyPaths ?? []).forEach((path, index) => {
    // A mount over "/" would be above the root that the process has already.
    if (normalize(path) === '/') rootReadonly(`/linux/readonlyPaths/${index}`);
    else {
      add('path.readonly', normalize(path), `make ${path} read-only`, `/linux/readonlyPaths/${index}`);
      moved.push(normalize(path));
    }
  });
  (linux.maskedPaths ?? []).forEach((path, index) => {
    add('path.mask', normalize(path), `mask ${path}`, `/linux/maskedPaths/${index}`);
  });
  return steps;
}

/** Kernel parameters, written through a private procfs that no mount of the container can stand in for. */
export function planSysctl({ linux }: PlanContext): Step[] {
  const entries = Object.entries(linux.sysctl ?? {});
  if (entries.length === 0) return [];
  const steps: Step[] = entries.map(([key, value]) => ({
    chapter: 'Kernel parameters',
    pointer: `/linux/sysctl/${escapePointer(key)}`,
    title: `set ${key} to ${value}`,
    stage: 'init',
    action: { op: 'procfs.write', slot: slots.sysctlProcfs, path: `sys/${sysctlPath(key)}`, value },
  }));
  return [
    {
      chapter: 'Kernel parameters',
      pointer: '/linux/sysctl',
      title: 'open a private procfs for kernel parameters',
      stage: 'init',
      action: { op: 'procfs.open', slot: slots.sysctlProcfs, subset: false },
    },
    ...steps,
  ];
}
