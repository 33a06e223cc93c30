import { escapePointer } from '../spec/pointer.ts';
import { sysctlPath } from '../spec/rules/sysctl.ts';
import type { PlanContext } from './context.ts';
import type { Step } from './plan.ts';
import { slots } from './wire/places.ts';

/** Kernel parameters, written through a private procfs that no mount of the container can stand in for. */
export function planSysctl({ linux }: PlanContext): Step[] {
  const entries = Object.entries(linux.sysctl ?? {});
  if (entries.length === 0) return [];
  const steps: Step[] = entries.map(([key, value]) => ({
    chapter: 'Kernel parameters',
    pointer: `/linux/sysctl/${escapePointer(key)}`,
    title: `set ${key} to ${value}`,
    stage: 'init',
    action: { op: 'procfs.write', slot: slots.sysctlProcfs, path: `sys/${sysctlPath(key)}`, value },
  }));
  return [
    {
      chapter: 'Kernel parameters',
      pointer: '/linux/sysctl',
      title: 'open a private procfs for kernel parameters',
      stage: 'init',
      action: { op: 'procfs.open', slot: slots.sysctlProcfs, subset: false },
    },
    ...steps,
  ];
}
