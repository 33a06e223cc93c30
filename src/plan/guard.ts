import { CLONE_NEWPID } from '../kernel.gen.ts';
import type { Step } from './plan.ts';
import { syncPoints } from './wire/places.ts';

const chapter = 'Guard';

/**
 * A guard: the first process of a pid namespace, which ends as soon as nobody has the other end of its socket any more, and then the kernel
 * ends every process of the namespace and of those below it. It waits at a sync point that is never answered.
 */
export const guardSteps: readonly Step[] = [
  { chapter, title: 'clone the guard into a new pid namespace', stage: 'intermediate', action: { op: 'ns.clone', flags: CLONE_NEWPID } },
  { chapter, title: 'report that the guard is there', stage: 'init', action: { op: 'report.ready' } },
  { chapter, title: 'wait for the end of the runtime', stage: 'init', action: { op: 'sync', point: syncPoints.staged } },
];
