import type { PlanContext } from './context.ts';
import type { Step } from './plan.ts';

/** The names that the UTS namespace has for the container. */
export function planNames({ spec }: PlanContext): Step[] {
  const chapter = 'Network and names';
  const steps: Step[] = [];
  if (spec.hostname) {
    const action = { op: 'hostname.set', name: spec.hostname } as const;
    steps.push({ chapter, pointer: '/hostname', title: `set the hostname to ${spec.hostname}`, stage: 'init', action });
  }
  if (spec.domainname) {
    const action = { op: 'domainname.set', name: spec.domainname } as const;
    steps.push({ chapter, pointer: '/domainname', title: `set the domain name to ${spec.domainname}`, stage: 'init', action });
  }
  return steps;
}
