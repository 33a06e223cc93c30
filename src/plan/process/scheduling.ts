import {
  IOPRIO_CLASS_BE,
  IOPRIO_CLASS_IDLE,
  IOPRIO_CLASS_RT,
  IOPRIO_CLASS_SHIFT,
  memoryPolicyFlags,
  PER_LINUX,
  PER_LINUX32,
  schedulerFlags,
  schedulerPolicies,
} from '../../kernel.gen.ts';
import { memoryPolicies } from '../../spec/memory-policies.ts';
import type { IOPriorityClass, Process, Scheduler } from '../../spec/types.ts';
import { unvalidated } from '../../spec/unvalidated.ts';
import { parseCpuList } from '../cpu-list.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import type { MakeStep, ProcessRequest } from './request.ts';

const ioClasses: Readonly<Record<IOPriorityClass, number>> = { IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE };

function policyNumber(policy: Scheduler['policy']): number {
  if (policy === 'SCHED_ISO') throw unvalidated(`no kernel has the policy ${policy}`);
  return schedulerPolicies[policy];
}

function schedulerAction(scheduler: Scheduler): Action {
  return {
    op: 'scheduler.set',
    policy: policyNumber(scheduler.policy),
    nice: BigInt(scheduler.nice ?? 0),
    priority: scheduler.priority ?? 0,
    flags: (scheduler.flags ?? []).reduce((flags, name) => flags | schedulerFlags[name], 0n),
    runtime: BigInt(scheduler.runtime ?? 0),
    deadline: BigInt(scheduler.deadline ?? 0),
    period: BigInt(scheduler.period ?? 0),
  };
}

function affinitySteps({ affinity, pointer }: ProcessRequest, step: MakeStep): Step[] {
  if (affinity === 'inherit') return [];
  if (affinity === undefined) return [step('allow every cpu of the cgroup', { op: 'affinity.set', mask: [] })];
  return [
    step(
      `run on the cpus ${affinity}`,
      { op: 'affinity.set', mask: parseCpuList(affinity, `${pointer}/execCPUAffinity/final`) },
      '/execCPUAffinity/final',
    ),
  ];
}

/** Whether a child has the scheduler of its parent (sched(7)); a parent with a deadline cannot even have one. */
const isInherited = ({ policy, flags }: Scheduler): boolean =>
  policy !== 'SCHED_DEADLINE' && !(flags ?? []).includes('SCHED_FLAG_RESET_ON_FORK');

/** Scheduler and I/O priority: all, what a process inherits from its parent, or what it has to set itself (its own). */
export function prioritySteps({ scheduler, ioPriority }: Process, step: MakeStep, which: 'all' | 'inherited' | 'own'): Step[] {
  const steps: Step[] = [];
  if (scheduler && (which === 'all' || isInherited(scheduler) === (which === 'inherited')))
    steps.push(step(`schedule by ${scheduler.policy}`, schedulerAction(scheduler), '/scheduler'));
  if (ioPriority && which !== 'own') {
    const { class: name, priority } = ioPriority;
    const value = (ioClasses[name] << IOPRIO_CLASS_SHIFT) | Number(priority);
    steps.push(step(`set the I/O priority to ${name} ${priority}`, { op: 'ioprio.set', value }, '/ioPriority'));
  }
  return steps;
}

export function schedulingSteps(request: ProcessRequest, step: MakeStep): Step[] {
  const { process, memoryPolicy, personality } = request;
  const steps = [...affinitySteps(request, step), ...prioritySteps(process, step, request.userNamespace ? 'own' : 'all')];
  if (memoryPolicy) {
    const flags = (memoryPolicy.flags ?? []).reduce((bits, name) => bits | memoryPolicyFlags[name], 0);
    const mode = memoryPolicies[memoryPolicy.mode].number | flags;
    const nodes = memoryPolicy.nodes ? parseCpuList(memoryPolicy.nodes, '/linux/memoryPolicy/nodes') : [];
    steps.push({
      ...step(`set the memory policy to ${memoryPolicy.mode}`, { op: 'mempolicy.set', mode, nodes }),
      pointer: '/linux/memoryPolicy',
    });
  }
  if (personality) {
    const domain = personality.domain === 'LINUX32' ? PER_LINUX32 : PER_LINUX;
    steps.push({
      ...step(`set the personality to ${personality.domain}`, { op: 'personality.set', domain }),
      pointer: '/linux/personality',
    });
  }
  return steps;
}
