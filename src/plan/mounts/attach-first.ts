import type { HostFacts } from '../../host/facts.ts';
import { MOUNT_ATTR_IDMAP, MOUNT_ATTR_NOSYMFOLLOW } from '../../kernel.gen.ts';
import { isAtLeast, type KernelRelease, requireKernel } from '../kernel-release.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import { setAttributes } from './attributes.ts';

type SetAttributes = Extract<Action, { op: 'tree.setattr' }>;

/** mount_setattr(2) is of 5.12; it and fsmount(2) know nosymfollow since this release. */
const changesDetached: KernelRelease = [5, 14];

/**
 * For a kernel that cannot change mounts while they are detached: they are attached first and then changed by mount(2). Nothing of the
 * container runs in between. The plan for other kernels stays as it is.
 * @throws RuntimeError KERNEL_TOO_OLD for what mount(2) cannot do
 */
export function attachFirst(steps: readonly Step[], { kernel }: Pick<HostFacts, 'kernel'>): readonly Step[] {
  if (isAtLeast(kernel, changesDetached)) return steps;
  const order = new AttachFirst(kernel);
  return steps.flatMap((step) => order.take(step));
}

/** A change that waits until its mount is attached. */
interface Change {
  readonly step: Step;
  readonly action: SetAttributes;
}

class AttachFirst {
  private readonly kernel: KernelRelease;
  private readonly waiting = new Map<number, Change[]>();
  private readonly attached = new Set<number>();

  constructor(kernel: KernelRelease) {
    this.kernel = kernel;
  }

  take(step: Step): Step[] {
    const { action } = step;
    switch (action.op) {
      case 'tree.setattr':
        return this.change(step, action);
      case 'fs.mount':
        return this.withoutNosymfollow(step, action);
      case 'tree.mapOutside':
        this.requireMapping(step);
        return [step];
      case 'tree.attach': {
        if (!this.waiting.has(action.slot)) return [step];
        return [{ ...step, action: { ...action, keep: true } } as Step, ...this.changes(action.slot, action.keep)];
      }
      case 'rootfs.attach':
        return [step, ...this.changes(action.slot, true)];
      default:
        return [step];
    }
  }

  private change(step: Step, action: SetAttributes): Step[] {
    if ((action.set & MOUNT_ATTR_IDMAP) !== 0n) this.requireMapping(step);
    const change = { step, action };
    if (this.attached.has(action.slot)) return [remount(change, true)];
    this.wait(action.slot, change);
    return [];
  }

  private requireMapping({ pointer }: Step): void {
    requireKernel(this.kernel, changesDetached, 'a mount with id mappings', pointer);
  }

  private wait(slot: number, change: Change): void {
    this.waiting.set(slot, [...(this.waiting.get(slot) ?? []), change]);
  }

  private withoutNosymfollow(step: Step, action: Extract<Action, { op: 'fs.mount' }>): Step[] {
    const set = action.attributes & MOUNT_ATTR_NOSYMFOLLOW;
    if (set === 0n) return [step];
    this.wait(action.slot, {
      step: { ...step, title: `have it follow no symlinks: ${step.title}` },
      action: setAttributes(action.slot, { set }),
    });
    return [{ ...step, action: { ...action, attributes: action.attributes & ~set } } as Step];
  }

  private changes(slot: number, keep: boolean): Step[] {
    const changes = this.waiting.get(slot) ?? [];
    this.waiting.delete(slot);
    this.attached.add(slot);
    return changes.map((change, index) => remount(change, keep || index < changes.length - 1));
  }
}

function remount({ step: { chapter, pointer, title }, action }: Change, keep: boolean): Step {
  const { slot, set, clear, spare, locked, propagation, recursive } = action;
  return {
    chapter,
    ...(pointer === undefined ? {} : { pointer }),
    title,
    stage: 'init',
    action: { op: 'mount.remount', slot, set, clear, spare, locked, propagation, recursive, keep },
  };
}
