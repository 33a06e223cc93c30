import { rlimitNumbers } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';

import type { Process } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import type { Step } from '../plan.ts';
import type { MakeStep, ProcessRequest } from './request.ts';

function resourceNumber(type: string): number {
  const resource = lookup(rlimitNumbers, type);
  if (resource === undefined) throw unvalidated(`there is no limit ${type}`);
  return resource;
}

/** All but the limit on descriptors, which comes when nothing is opened any more. */
export function limitSteps({ process, descriptors }: ProcessRequest, step: MakeStep): Step[] {
  return (process.rlimits ?? []).flatMap(({ type, soft, hard }, index) => {
    if (index === descriptors.index) return [];
    const resource = resourceNumber(type);
    return step(
      `limit ${type} to ${soft}, at most ${hard}`,
      { op: 'rlimit.set', resource, soft: BigInt(soft), hard: BigInt(hard) },
      `/rlimits/${index}`,
    );
  });
}

/** Last of all, but before a filter that is loaded `early`, which may forbid it; unless `start` could not be waited for then. */
export function descriptorSteps({ descriptors }: ProcessRequest, early: boolean): { readonly early: Step[]; readonly late: Step[] } {
  return early && descriptors.leavesRoomForStart ? { early: descriptors.limit(), late: [] } : { early: [], late: descriptors.limit() };
}

/** Hard limits raised as far as needed; the limits themselves come later and only lower them. */
export function raiseSteps({ rlimits }: Process, step: MakeStep): Step[] {
  return (rlimits ?? []).map(({ type, hard }, index) => {
    const resource = resourceNumber(type);
    return step(`allow ${type} up to ${hard}`, { op: 'rlimit.raise', resource, hard: BigInt(hard) }, `/rlimits/${index}`);
  });
}
