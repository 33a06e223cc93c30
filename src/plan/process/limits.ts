import { lookup } from '../../lookup.ts';
import type { Process } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import { unvalidated } from '../unvalidated.ts';
import type { MakeStep, ProcessRequest } from './request.ts';

const resources: Readonly<Record<string, number>> = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
};

function resourceNumber(type: string): number {
  const resource = lookup(resources, type);
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
