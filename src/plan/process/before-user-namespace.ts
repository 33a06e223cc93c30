import type { Process } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import { raiseSteps } from './limits.ts';
import type { MakeStep } from './request.ts';
import { prioritySteps } from './scheduling.ts';

/**
 * What takes CAP_SYS_RESOURCE, CAP_SYS_NICE or CAP_SYS_ADMIN of the initial user namespace (setrlimit(2), sched(7), ioprio_set(2)), for the
 * process that is about to enter another.
 * @param pointer of the process object
 */
export function beforeUserNamespace(process: Process | undefined, pointer: string): Step[] {
  if (!process) return [];
  const step: MakeStep = (title, action, at) => ({
    chapter: 'Process',
    pointer: `${pointer}${at ?? ''}`,
    title,
    stage: 'intermediate',
    action,
  });
  return [...raiseSteps(process, step), ...prioritySteps(process, step, 'inherited')];
}
