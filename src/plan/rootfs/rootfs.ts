import { RuntimeError } from '../../errors.ts';
import { MS_PRIVATE } from '../../kernel.gen.ts';
import { hasOwn, type PlanContext } from '../context.ts';
import { setAttributes } from '../mounts/attributes.ts';
import { opensSourcesEarly } from '../mounts/bind.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import { slots } from '../wire/places.ts';
import { planRootPropagation, propagationFromHost } from './propagation.ts';

const chapter = 'Root filesystem';

/** Whether mounts are made in the runtime's own mount namespace, where they have to be undone. */
export const mountsOnHost = ({ spec, linux }: Pick<PlanContext, 'spec' | 'linux'>): boolean =>
  !hasOwn(linux, 'mount') && (spec.mounts ?? []).length > 0;

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
      action: setAttributes(slots.rootfs, { propagation: propagationFromHost(context), recursive: true }),
    });
  }
  const attach: Step[] = [
    {
      chapter,
      title: "cut this mount namespace from the host's propagation",
      stage: 'init',
      action: { op: 'root.propagation', propagation: propagationFromHost(context), recursive: true },
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

/** By which init finds its own files, whatever the container has at /proc. */
export const openProcfs: Step = {
  chapter,
  title: 'open a private procfs',
  stage: 'init',
  action: { op: 'procfs.open', slot: slots.procfs, subset: true },
};

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
  return [
    options.noPivot
      ? { chapter: 'Change of root', title: `move ${rootfs} to /`, stage: 'init', action: { op: 'root.move' } }
      : {
          chapter: 'Change of root',
          title: 'pivot into the root filesystem and detach the old root',
          stage: 'init',
          action: { op: 'root.pivot' },
        },
    ...planRootPropagation(context),
  ];
}
