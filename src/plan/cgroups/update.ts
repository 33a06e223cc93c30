import type { HostFacts } from '../../host/facts.ts';
import type { LinuxMemory, LinuxResources } from '../../spec/types.ts';
import type { RuntimeAction, Step } from '../plan.ts';
import { deviceSteps, resourceSettings, settingSteps } from './cgroups.ts';
import { inexpressible } from './setting.ts';

type Write = Extract<RuntimeAction, { op: 'cgroup.write' }>;
type DeviceFilter = Extract<RuntimeAction, { op: 'cgroup.deviceFilter' }>;

/** A write to a control file, with the words for its failure. */
export interface LimitWrite extends Pick<Step, 'title' | 'pointer'> {
  readonly action: Write;
}

/** Limits that the container has, where an update in terms of cgroup v1 needs them to say what it means in v2. */
export interface PresentLimits {
  /** Bytes; undefined when there is none. */
  readonly memory?: bigint;
  /** Microseconds; undefined when there is none. */
  readonly quota?: bigint;
  /** Content of devices.list (cgroup v1). */
  readonly devices?: string;
}

/** What an update writes, in order. */
export interface UpdatePlan {
  /** What is asked for, with what the container has where that alone says nothing. */
  readonly resources: LinuxResources;
  readonly writes: readonly LimitWrite[];
  /** Writes to the devices controller of cgroup v1: its rules are replaced as a whole, after everything else. */
  readonly devices: readonly LimitWrite[];
  readonly filter?: DeviceFilter;
}

/**
 * Cgroup v2 keeps in one file what v1 and the specification have in two: memory.swap.max is swap minus limit, cpu.max is quota and
 * period. The half that an update does not name stays as it is.
 */
function withPresent(resources: LinuxResources, present: PresentLimits, { cgroup }: HostFacts): LinuxResources {
  if (cgroup.mode !== 'unified') return resources;
  const { memory, cpu } = resources;
  const needsLimit = memory?.swap !== undefined && memory.swap > 0 && !memory.limit && present.memory !== undefined;
  const needsQuota = cpu?.period && !cpu.quota && present.quota !== undefined;
  const complete = {
    ...resources,
    ...(needsLimit ? { memory: { ...memory, limit: present.memory } } : {}),
    ...(needsQuota ? { cpu: { ...cpu, quota: present.quota } } : {}),
  } as LinuxResources;
  requireRoomForSwap(complete.memory);
  return complete;
}

/** Of a whole configuration a rule says so; here it hangs on the limit that the container has. */
function requireRoomForSwap({ limit = 0, swap = 0 }: LinuxMemory = {}): void {
  if (swap > 0 && limit <= 0) throw inexpressible('/memory/swap', 'unable to set swap limit without memory limit');
  if (swap > 0 && swap < limit) throw inexpressible('/memory/swap', 'memory+swap limit should be >= memory limit');
}

const isWrite = (step: Step): step is Step & LimitWrite => step.action.op === 'cgroup.write';

/** A limit of fresh cgroups that only an update can have to set again. */
function oomKillerWrite(resources: LinuxResources, paths: Readonly<Record<string, string>>): LimitWrite[] {
  const directory = paths['memory'];
  if (resources.memory?.disableOOMKiller !== false || directory === undefined) return [];
  const action: Write = { op: 'cgroup.write', path: `${directory}/memory.oom_control`, value: '0' };
  return [{ title: 'set memory.oom_control to 0', pointer: '/linux/resources/memory/disableOOMKiller', action }];
}

/**
 * The writes that change the limits of a container: what is absent from `resources`, or zero where zero is no limit, stays as it is;
 * devices are touched only when rules are given.
 * @throws RuntimeError CGROUP_CONTROLLER_MISSING, CGROUP_UNSUPPORTED
 */
export function planUpdate(
  resources: LinuxResources,
  paths: Readonly<Record<string, string>>,
  present: PresentLimits,
  facts: HostFacts,
): UpdatePlan {
  const complete = withPresent(resources, present, facts);
  const steps = settingSteps(resourceSettings(complete, facts), paths, facts.cgroup);
  const devices = resources.devices?.length ? deviceSteps(resources, paths, facts.cgroup, present.devices) : [];
  const filter = devices.map(({ action }) => action).find((action) => action.op === 'cgroup.deviceFilter');
  return {
    resources: complete,
    writes: [...steps.filter(isWrite), ...oomKillerWrite(resources, paths)],
    devices: devices.filter(isWrite),
    ...(filter === undefined ? {} : { filter }),
  };
}
