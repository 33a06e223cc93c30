import type { HostFacts } from '../../host/facts.ts';
import type { LinuxResources } from '../../spec/types.ts';
import type { Step } from '../plan.ts';

/** Machines on which the addon can make that call (CLONE_INTO_CGROUP): native/core/arch.h. */
const machines = ['x86_64', 'aarch64'];

export const canSpawnInto = ({ machine }: HostFacts): boolean => machines.includes(machine);

export const isUnifiedStep = (action: Step['action'], path: string): boolean =>
  (action.op === 'cgroup.create' || action.op === 'cgroup.enable') && action.path === path;

/**
 * The unified cgroup comes first, and init is born in it: moving a whole process into a cgroup v2 waits for an RCU grace period, 9 ms on
 * an idle host.
 */
export function spawnSteps(first: readonly Step[], path: string): Step[] {
  const into: Step = { chapter: 'Cgroups', title: 'have init start in it', stage: 'runtime', action: { op: 'cgroup.spawnInto', path } };
  return [
    ...first.map(
      ({ chapter, title, action, pointer }) =>
        ({ chapter, title, action, ...(pointer === undefined ? {} : { pointer }), stage: 'runtime' }) as Step,
    ),
    into,
  ];
}

/** Limits of memory below this, in bytes, are left to the program: what init and its namespaces take is charged to the runtime's cgroup. */
const TIGHT = 1n << 20n;

/** Whether the container should not be born in its cgroup: moving it there costs time, being built there memory. */
export function isTight({ memory, unified }: LinuxResources = {}): boolean {
  const text = unified?.['memory.max']?.trim() ?? '';
  const limit = /^\d+$/.test(text) ? BigInt(text) : BigInt(memory?.limit ?? 0);
  return limit > 0n && limit < TIGHT;
}
