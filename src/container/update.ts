import { messageOf, RuntimeError } from '../errors.ts';
import { hostFacts } from '../host/probe.ts';
import { addon } from '../native/addon.ts';
import { type PresentLimits, planUpdate, type UpdatePlan } from '../plan/cgroups/update.ts';
import { schemataLines } from '../plan/rdt.ts';
import type { LinuxIntelRdt, LinuxResources } from '../spec/types.ts';
import { type CgroupPaths, isUnified, readIfThere } from './cgroups/cgroup.ts';
import { LimitChange } from './cgroups/writes.ts';
import type { Context } from './context.ts';
import { SchemataChange } from './host/resctrl.ts';
import { locked } from './state/hold.ts';
import { load } from './state/store.ts';
import { currentStatus } from './state.ts';
import { UnitChange } from './systemd/unit-change.ts';

/** What the container's class of service gets of the processor's cache and memory bandwidth; absent stays. */
export type Schemata = Pick<LinuxIntelRdt, 'l3CacheSchema' | 'memBwSchema'>;

/**
 * Changes the limits of a created, running or paused container (CLI-071). What `resources` does not name stays as it is. All or
 * nothing: when the kernel refuses one value, the others are put back.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING, CGROUP_FAILED, CGROUP_CONTROLLER_MISSING, CGROUP_UNSUPPORTED, BELOW_USAGE,
 *   INTEL_RDT_MISSING, RESCTRL_FAILED
 */
export function update(context: Context, id: string, resources: LinuxResources, schemata: Schemata = {}): void {
  locked(context, id, () => {
    const record = load(context, id);
    const status = currentStatus(context, record);
    if (status === 'stopped' || status === 'creating') throw new RuntimeError('NOT_RUNNING', `container not running: ${id} is ${status}`);
    const paths = record.cgroupPaths;
    const facts = hostFacts();
    const plan = planUpdate(resources, paths, presentLimits(paths), facts);
    if (resources.memory?.checkBeforeUpdate === true) checkUsage(resources, paths);
    const cache = new SchemataChange(record.resctrl?.join[0], schemataLines(schemata));
    carryOut(context, plan, cache, new UnitChange(context, record, plan.resources, facts));
  });
}

function presentLimits(paths: CgroupPaths): PresentLimits {
  if (!isUnified(paths)) {
    const devices = readIfThere(`${paths['devices']}/devices.list`);
    return devices === undefined ? {} : { devices };
  }
  const number = (text: string | undefined): bigint | undefined => (text && /^\d+$/.test(text) ? BigInt(text) : undefined);
  const memory = number(readIfThere(`${paths['']}/memory.max`)?.trim());
  const quota = number(readIfThere(`${paths['']}/cpu.max`)?.split(' ')[0]);
  return { ...(memory === undefined ? {} : { memory }), ...(quota === undefined ? {} : { quota }) };
}

/** Cgroup v2 takes a limit below the usage and kills for it; `checkBeforeUpdate` refuses it instead. */
function checkUsage({ memory = {} }: LinuxResources, paths: CgroupPaths): void {
  const file = isUnified(paths) ? `${paths['']}/memory.current` : `${paths['memory']}/memory.usage_in_bytes`;
  const usage = BigInt(readIfThere(file)?.trim() ?? 0);
  for (const [member, words] of [
    ['swap', 'memory+swap'],
    ['limit', 'memory'],
  ] as const) {
    const limit = memory[member];
    if (limit === undefined || limit <= 0 || limit > usage) continue;
    const pointer = `/linux/resources/memory/${member}`;
    throw new RuntimeError('BELOW_USAGE', `rejecting ${words} limit ${limit} <= usage ${usage}`, { pointer });
  }
}

function carryOut(context: Context, { writes, devices, filter }: UpdatePlan, cache: SchemataChange, unit: UnitChange): void {
  // One change for both: the rules of cgroup v1 come last, and are put back first.
  const change = new LimitChange([...writes, ...devices]);
  try {
    cache.apply();
    change.apply();
    unit.apply();
    if (filter) addon.attachDeviceFilter(filter.path, filter.program);
  } catch (error) {
    // Systemd first: it may still be about to write what it was told.
    undo(context, () => unit.undo(change.former()));
    undo(context, () => change.undo());
    undo(context, () => cache.undo());
    throw error;
  }
  unit.keep();
}

function undo(context: Context, operation: () => void): void {
  try {
    operation();
  } catch (error) {
    context.warn({ code: 'ROLL_BACK_FAILED', message: `unable to put the old limits back: ${messageOf(error)}` });
  }
}
