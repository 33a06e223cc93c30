import { MOUNT_ATTR_RDONLY } from '../../kernel.gen.ts';
import { normalize } from '../../spec/path.ts';
import type { PlanContext } from '../context.ts';
import type { MountPlaces } from '../mounts/places.ts';
import type { Step } from '../plan.ts';

const protect = 'Protection';

function protection(
  op: 'path.readonly' | 'path.mask',
  path: string,
  title: string,
  pointer: string,
  places: MountPlaces,
  moved: readonly string[],
): Step {
  const action = { op, path, ...places.placeOf(path, moved), required: places.isCertain(path) };
  return { chapter: protect, pointer, title, stage: 'init', action };
}

/** @param moved read-only paths, which are covered by now */
export const planMasks = ({ linux }: PlanContext, places: MountPlaces, moved: readonly string[] = []): Step[] =>
  (linux.maskedPaths ?? []).map((path, index) =>
    protection('path.mask', normalize(path), `mask ${path}`, `/linux/maskedPaths/${index}`, places, moved),
  );

/** Read-only root, read-only paths, masked paths: after everything that still writes to the root. */
export function planProtection(context: PlanContext, places: MountPlaces): Step[] {
  const { spec, linux } = context;
  const steps: Step[] = [];
  const rootReadonly = (pointer: string): void => {
    const action = { op: 'root.setattr', set: MOUNT_ATTR_RDONLY, clear: 0n, propagation: 0n, recursive: false } as const;
    steps.push({ chapter: protect, pointer, title: 'make the root filesystem read-only', stage: 'init', action });
  };
  if (spec.root?.readonly) rootReadonly('/root/readonly');
  const moved: string[] = [];
  (linux.readonlyPaths ?? []).forEach((path, index) => {
    // A mount over "/" would be above the root that the process has already.
    if (normalize(path) === '/') rootReadonly(`/linux/readonlyPaths/${index}`);
    else {
      steps.push(protection('path.readonly', normalize(path), `make ${path} read-only`, `/linux/readonlyPaths/${index}`, places, moved));
      moved.push(normalize(path));
    }
  });
  return [...steps, ...planMasks(context, places, moved)];
}
