import type { HostFacts } from '../host/facts.ts';
import type { PlanOptions } from '../plan/context.ts';
import type { Context } from './context.ts';
import { managerCgroup } from './systemd/scope.ts';

type Global = 'guarded' | 'systemdCgroup' | 'noCgroup' | 'managerCgroup' | 'allowedAnnotations';

/** What a caller of the planner says of its one container; what it leaves out is as with no flag given. */
export type PlanQuestion = Pick<PlanOptions, 'id' | 'bundle'> & Partial<Omit<PlanOptions, Global>>;

/**
 * The options of a plan, the same for every command that makes one: the global ones come from the context.
 * @throws RuntimeError SYSTEMD_MISSING when the systemd driver was asked for, and there is no systemd
 */
export function planOptions(context: Context, question: PlanQuestion, facts: HostFacts): PlanOptions {
  const manager = managerCgroup(context, facts);
  return {
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
    ...question,
    systemdCgroup: context.cgroupDriver === 'systemd',
    noCgroup: context.cgroupDriver === 'disabled',
    ...(context.allowedAnnotations === undefined ? {} : { allowedAnnotations: context.allowedAnnotations }),
    ...(context.guard === undefined ? {} : { guarded: true }),
    ...(manager === undefined ? {} : { managerCgroup: manager }),
  };
}
