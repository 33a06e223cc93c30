import { MOUNT_ATTR_RDONLY } from '../../kernel.gen.ts';
import { normalize } from '../../spec/path.ts';
import type { PlanContext } from '../context.ts';
import type { MountPlaces } from '../mounts/places.ts';
import type { Step } from '../plan.ts';

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
