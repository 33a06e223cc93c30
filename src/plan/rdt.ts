import { RuntimeError } from '../errors.ts';
import type { LinuxIntelRdt } from '../spec/types.ts';
import type { PlanContext } from './context.ts';
import type { ResctrlGroups, RuntimeAction, Step } from './plan.ts';

const chapter = 'Resource Director Technology';
const at = '/linux/intelRdt';

/** Lines for the file `schemata`: cache first, memory bandwidth then, the free lines last (LNX-130 to LNX-132). */
export const schemataLines = ({ l3CacheSchema, memBwSchema, schemata }: LinuxIntelRdt): string[] =>
  [l3CacheSchema, memBwSchema, ...(schemata ?? [])].filter((line): line is string => line !== undefined && line !== '');

/**
 * The container's class of service and monitoring group in the resctrl filesystem (config-linux.md, "IntelRdt"; LNX-123 to LNX-141).
 * @throws RuntimeError RESCTRL_NOT_MOUNTED
 */
export function planRdt({ linux, facts, options }: PlanContext): { readonly steps: Step[]; readonly groups?: ResctrlGroups } {
  const rdt = linux.intelRdt;
  if (rdt === undefined) return { steps: [] };
  if (facts.resctrl === undefined) {
    throw new RuntimeError('RESCTRL_NOT_MOUNTED', 'intelRdt is set, but no resctrl filesystem is mounted', {
      pointer: at,
      hint: 'mount it with "mount -t resctrl resctrl /sys/fs/resctrl", or remove intelRdt; the CPU has to support it',
    });
  }
  const group = rdt.closID === '/' ? facts.resctrl : `${facts.resctrl}/${rdt.closID || options.id}`;
  const monitoring = rdt.enableMonitoring ? `${group}/mon_groups/${options.id}` : undefined;
  return {
    steps: [...groupSteps(rdt, group), ...monitoringSteps(group, monitoring)],
    groups: {
      join: monitoring === undefined ? [group] : [group, monitoring],
      remove: [...(rdt.closID ? [] : [group]), ...(monitoring === undefined ? [] : [monitoring])],
    },
  };
}

const step = (pointer: string, title: string, action: RuntimeAction): Step => ({
  chapter,
  pointer,
  title,
  stage: 'runtime',
  at: 'cgroup',
  action,
});

function groupSteps(rdt: LinuxIntelRdt, path: string): Step[] {
  const lines = schemataLines(rdt);
  const named = Boolean(rdt.closID);
  const steps: Step[] = [];
  if (named && (lines.length === 0 || rdt.closID === '/')) {
    steps.push(step(`${at}/closID`, `find the resctrl group ${path}`, { op: 'resctrl.require', path }));
  } else steps.push(step(at, `create the resctrl group ${path}`, { op: 'resctrl.create', path }));
  if (lines.length > 0) {
    // Of a group that was there before, the first two have to hold already (LNX-136); others may depend on it.
    const expected = named ? [rdt.l3CacheSchema, rdt.memBwSchema].filter((line): line is string => Boolean(line)) : [];
    steps.push(step(at, `write the schemata of ${path}`, { op: 'resctrl.schemata', path, lines, expected }));
  }
  return [...steps, step(at, `enter the resctrl group ${path}`, { op: 'resctrl.join', path })];
}

function monitoringSteps(group: string, path: string | undefined): Step[] {
  if (path === undefined) return [];
  const pointer = `${at}/enableMonitoring`;
  return [
    step(pointer, `create the monitoring group ${path}`, { op: 'resctrl.create', path }),
    // After the class of service: entering one leaves the monitoring groups of others.
    step(pointer, `enter the monitoring group of ${group}`, { op: 'resctrl.join', path }),
  ];
}
