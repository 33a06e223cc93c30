import { RuntimeError } from '../../errors.ts';
import type { CgroupFacts, HostFacts } from '../../host/facts.ts';
import type { LinuxResources, Spec } from '../../spec/types.ts';
import { isRootless } from '../context.ts';
import type { RuntimeAction, Step, Warning } from '../plan.ts';
import { slots } from '../wire/places.ts';
import { planDelegation } from './delegation.ts';
import { deviceChanges } from './devices/changes.ts';
import { compileDeviceFilter } from './devices/filter.ts';
import { type DeviceRules, deviceRules } from './devices/rules.ts';
import { deviceWrites } from './devices/v1.ts';
import { cgroupDirectories } from './path.ts';
import type { CgroupRequest } from './request.ts';
import type { Setting } from './setting.ts';
import { canSpawnInto, isTight, isUnifiedStep, spawnSteps } from './spawn.ts';
import { scopeDirectories, scopePlace, scopeProperties } from './systemd/scope.ts';
import type { ScopePlace, SystemdUnit } from './systemd/unit.ts';
import { settingsV1 } from './v1.ts';
import { settingsV2, unifiedSettings } from './v2.ts';

const CHAPTER = 'Cgroups';
const RESOURCES = '/linux/resources';

/** What the chapter "Cgroups" contributes to a plan. */
export interface CgroupPlan {
  /** Steps of the runtime before anything of the container exists. */
  readonly firstSteps: readonly Step[];
  /** Steps of the runtime while init waits at the sync point `cgroup`. */
  readonly steps: readonly Step[];
  /** Steps of init after that sync point. */
  readonly joinSteps: readonly Step[];
  /** Steps of init when the root filesystem is complete. */
  readonly lateJoinSteps: readonly Step[];
  /** Absolute directories by controller, "" for the unified hierarchy. */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  readonly systemdUnit?: SystemdUnit;
  readonly warnings: readonly Warning[];
}

function runtimeStep(title: string, action: RuntimeAction, pointer?: string): Step {
  if (pointer === undefined) return { chapter: CHAPTER, title, stage: 'runtime', at: 'cgroup', action };
  return { chapter: CHAPTER, pointer, title, stage: 'runtime', at: 'cgroup', action };
}

/** Known to who reads the errors of runtimes. */
const UNIFIED_ON_V1 = 'invalid configuration: cannot use unified on cgroup v1';

const NO_PLACE =
  'running without a cgroup of its own: a rootless runtime cannot make one here; without one there are no limits, and no pause';

/** Whether somebody has prepared a place for whoever is not the host's root; version 1 has none that he could use. */
const isPrepared = ({ mode, delegated }: CgroupFacts, pointer: string | undefined): boolean =>
  mode === 'unified' && (pointer !== undefined || delegated === true);

/** The limits as control files, in order. @throws RuntimeError for what this host's cgroups cannot express */
export function resourceSettings(resources: LinuxResources, facts: HostFacts): readonly Setting[] {
  const { mode, unifiedControllers } = facts.cgroup;
  if (mode === 'unified') return [...settingsV2(resources), ...unifiedSettings(resources, unifiedControllers)];
  if (Object.keys(resources.unified ?? {}).length > 0 && mode !== 'hybrid') {
    const message = `${UNIFIED_ON_V1}: this host has not mounted cgroup v2`;
    throw new RuntimeError('CGROUP_UNSUPPORTED', message, { pointer: `${RESOURCES}/unified` });
  }
  return [...settingsV1(resources, facts.kernel), ...unifiedSettings(resources, unifiedControllers, `${UNIFIED_ON_V1}: `)];
}

/**
 * One step per setting.
 * @throws RuntimeError CGROUP_CONTROLLER_MISSING
 */
export function settingSteps(settings: readonly Setting[], paths: Readonly<Record<string, string>>, facts: CgroupFacts): Step[] {
  return settings.map(({ controller, file, value, pointer, optional, fallback }) => {
    const unified = facts.mode === 'unified' ? controller === '' || facts.unifiedControllers.includes(controller) : controller === '';
    const directory = unified ? paths[''] : (paths[controller] ?? unifiedDirectory(controller, paths, facts));
    if (directory === undefined) {
      const message = `unable to set ${file}: cgroup controller "${controller}" is not available`;
      throw new RuntimeError('CGROUP_CONTROLLER_MISSING', message, { pointer: RESOURCES + pointer });
    }
    const action: RuntimeAction = {
      op: 'cgroup.write',
      path: `${directory}/${file}`,
      value,
      ...(optional === true ? { optional } : {}),
      ...(fallback === undefined ? {} : { fallback: { path: `${directory}/${fallback.file}`, value: fallback.value } }),
    };
    return runtimeStep(`set ${file} to ${value}`, action, RESOURCES + pointer);
  });
}

/** A hybrid host may have a controller in the unified hierarchy. */
function unifiedDirectory(controller: string, paths: Readonly<Record<string, string>>, facts: CgroupFacts): string | undefined {
  return facts.mode === 'hybrid' && facts.unifiedControllers.includes(controller) ? paths[''] : undefined;
}

/**
 * The rules for devices as writes (v1) or one filter (v2).
 * @param present what devices.list (v1) says already; absent for a new cgroup
 * @throws RuntimeError CGROUP_CONTROLLER_MISSING, CGROUP_UNSUPPORTED
 */
export function deviceSteps(
  resources: LinuxResources | undefined,
  paths: Readonly<Record<string, string>>,
  facts: CgroupFacts,
  present?: string,
): Step[] {
  const rules = deviceRules(resources);
  const isAsked = (resources?.devices ?? []).length > 0;
  const pointer = isAsked ? `${RESOURCES}/devices` : undefined;
  if (facts.mode === 'unified') return filterSteps(rules, paths[''] ?? '', pointer);
  const directory = paths['devices'];
  if (directory === undefined && !isAsked) return [];
  if (directory === undefined) {
    const message = 'unable to restrict devices: cgroup controller "devices" is not available';
    throw new RuntimeError('CGROUP_CONTROLLER_MISSING', message, { pointer: `${RESOURCES}/devices` });
  }
  const writes = deviceWrites(rules);
  if (writes === undefined) {
    const message = 'these device rules cannot be expressed in cgroup v1: a rule takes away part of what an earlier one gives';
    throw new RuntimeError('CGROUP_UNSUPPORTED', message, { pointer: `${RESOURCES}/devices` });
  }
  return deviceChanges(present, writes).map(({ file, value, isOwn }) => {
    const action: RuntimeAction = { op: 'cgroup.write', path: `${directory}/${file}`, value, ...(isOwn ? { mayBeForbidden: isOwn } : {}) };
    return runtimeStep(`write "${value}" to ${file}`, action, pointer);
  });
}

function filterSteps({ allowsOthers, given, own }: DeviceRules, path: string, pointer: string | undefined): Step[] {
  const program = compileDeviceFilter([{ allow: allowsOthers, type: 'a', access: 'rwm' }, ...given, ...own]);
  return [runtimeStep('attach the filter of device accesses', { op: 'cgroup.deviceFilter', path, program }, pointer)];
}

function directorySteps(
  paths: Readonly<Record<string, string>>,
  facts: CgroupFacts,
  settings: readonly Setting[],
  pointer: string | undefined,
): Step[] {
  const steps: Step[] = [];
  const made = new Set<string>();
  for (const [controller, path] of Object.entries(paths)) {
    if (made.has(path)) continue;
    made.add(path);
    steps.push(runtimeStep(`create the cgroup ${path}`, { op: 'cgroup.create', controller, path }, pointer));
  }
  const unified = paths[''];
  if (facts.mode === 'unified' && unified !== undefined) {
    const root = facts.hierarchies['']?.mountPoint ?? '';
    const controllers = facts.unifiedControllers;
    const needed = controllers.filter((name) => settings.some(({ controller, optional }) => controller === name && optional !== true));
    const action: RuntimeAction = { op: 'cgroup.enable', root, path: unified, controllers, needed };
    steps.push(runtimeStep(`enable the controllers ${controllers.join(' ')}`, action));
  }
  const cpuset = paths['cpuset'];
  if (cpuset !== undefined) {
    const root = facts.hierarchies['cpuset']?.mountPoint ?? '';
    steps.push(runtimeStep("copy the parent's cpus and memory nodes", { op: 'cgroup.inheritCpuset', root, path: cpuset }));
  }
  return steps;
}

/**
 * Whether init can build the container outside of its memory cgroup (v1, or v2 with a tight limit), so that a small limit is left to the program. Not with a
 * cgroup namespace, whose root is where its maker is; and not when files are copied into memory, which the container has to pay for.
 */
function canJoinMemoryLate({ linux, mounts }: Spec): boolean {
  const ownNamespace = linux?.namespaces?.some(({ type }) => type === 'cgroup');
  return ownNamespace !== true && mounts?.some(({ options }) => options?.includes('tmpcopyup')) !== true;
}

function joinStep(title: string, files: readonly CgroupFile[]): Step[] {
  if (files.length === 0) return [];
  return [{ chapter: CHAPTER, title, stage: 'init', action: { op: 'cgroup.join', slots: files.map(({ slot }) => slot) } }];
}

interface CgroupFile {
  readonly path: string;
  readonly slot: number;
}

/**
 * The single-threaded init writes "0" to `tasks` itself: moving a whole thread group waits for an RCU grace period on idle v1 hosts.
 * Memory comes last, so that what entering costs is not charged to a small limit.
 */
function joining(
  paths: Readonly<Record<string, string>>,
  spec: Spec,
  spawnsInto: boolean,
  tight: boolean,
): { open: Step[]; join: Step[]; late: Step[] } {
  const last = (controller: string): number => (controller === 'memory' ? 1 : 0);
  const entries = Object.entries(paths).sort(([a], [b]) => last(a) - last(b));
  const directories = new Map<string, string>();
  // A co-mounted memory controller moves the whole hierarchy to the end.
  for (const [controller, path] of entries) {
    if (controller === '' && spawnsInto) continue;
    if (controller === 'memory') directories.delete(path);
    directories.set(path, controller === '' ? 'cgroup.procs' : 'tasks');
  }
  const files = [...directories].map(([path, file], index) => ({ path: `${path}/${file}`, slot: slots.firstCgroup + index }));
  if (files.length > slots.firstFree - slots.firstCgroup) throw new RangeError('more cgroup hierarchies than slots');
  const memory = tight ? `${paths['']}/cgroup.procs` : `${paths['memory']}/tasks`;
  const late = canJoinMemoryLate(spec);
  const isLate = ({ path }: CgroupFile): boolean => late && path === memory;
  return {
    open: files.length > 0 ? [runtimeStep('open the cgroups for the container to enter', { op: 'cgroup.open', files })] : [],
    join: joinStep(
      'enter the cgroups',
      files.filter((file) => !isLate(file)),
    ),
    late: joinStep('enter the memory cgroup', files.filter(isLate)),
  };
}

function unavailable(resources: LinuxResources | undefined, message: string, pointer: string | undefined): CgroupPlan {
  if (asksForLimits(resources)) {
    const hint = 'leave linux.resources out, or have cgroups: mounted on /sys/fs/cgroup, and without --cgroup-manager disabled';
    throw new RuntimeError('CGROUPS_UNAVAILABLE', `${message}, but the configuration asks for limits`, { pointer: RESOURCES, hint });
  }
  const warning: Warning = { code: 'NO_CGROUP', message, ...(pointer === undefined ? {} : { pointer }) };
  return { firstSteps: [], steps: [], joinSteps: [], lateJoinSteps: [], cgroupPaths: {}, warnings: [warning] };
}

/** Whether any limit is set; device rules do not count, since who cannot make cgroups cannot make device nodes either. */
function asksForLimits(resources: LinuxResources | undefined): boolean {
  if (resources === undefined) return false;
  const { devices: _devices, unified, ...limits } = resources;
  if (Object.keys(unified ?? {}).length > 0) return true;
  return settingsV1(limits, [0, 0]).length > 0;
}

function warningsOf(resources: LinuxResources | undefined): Warning[] {
  return (['kernel', 'kernelTCP'] as const).flatMap((member) => {
    if (!resources?.memory?.[member]) return [];
    const pointer = `${RESOURCES}/memory/${member}`;
    return [{ code: 'KERNEL_MEMORY_IGNORED', message: `memory.${member} is obsolete and ignored`, pointer }];
  });
}

function scopeStep(
  { spec, id, facts, allowedAnnotations }: CgroupRequest,
  place: ScopePlace,
  paths: Readonly<Record<string, string>>,
  pointer: string | undefined,
): Step {
  const properties = scopeProperties(spec, id, place, facts, allowedAnnotations);
  const directories = [...new Set(Object.values(paths))];
  return runtimeStep(`have systemd start ${place.name} in ${place.slice}`, { op: 'cgroup.scope', place, properties, directories }, pointer);
}

/**
 * The cgroups of a container: where they are, the limits in them, and how the container enters them.
 * @throws RuntimeError INVALID_CGROUPS_PATH, CGROUP_CONTROLLER_MISSING, CGROUP_UNSUPPORTED, CGROUPS_UNAVAILABLE, each with its pointer
 */
export function planCgroups(request: CgroupRequest): CgroupPlan {
  const { spec, facts, id, systemd, managerCgroup, disabled = false } = request;
  const { cgroup } = facts;
  const { resources, cgroupsPath } = spec.linux ?? {};
  const pointer = cgroupsPath ? '/linux/cgroupsPath' : undefined;
  if (disabled) return unavailable(resources, 'cgroups are disabled', pointer);
  if (cgroup.mode === 'none') return unavailable(resources, 'no cgroup hierarchy is mounted', pointer);
  const rootless = isRootless(facts);
  if (rootless && !systemd && !isPrepared(cgroup, pointer) && !asksForLimits(resources)) return unavailable(undefined, NO_PLACE, pointer);
  const place = systemd ? scopePlace(cgroupsPath, id, managerCgroup !== undefined) : undefined;
  const paths = place ? scopeDirectories(cgroup, place, managerCgroup ?? '') : cgroupDirectories(cgroup, cgroupsPath, id);
  const tight = cgroup.mode === 'unified' && isTight(resources);
  const spawnsInto = !systemd && !tight && paths[''] !== undefined && canSpawnInto(facts);
  const { open, join, late } = joining(paths, spec, spawnsInto, tight);
  const settings = resources === undefined ? [] : resourceSettings(resources, facts);
  const directories = directorySteps(paths, cgroup, settings, pointer);
  const first = spawnsInto ? directories.filter(({ action }) => isUnifiedStep(action, paths[''] as string)) : [];
  const steps = [
    ...(place ? [scopeStep(request, place, paths, pointer)] : []),
    ...directories.filter((step) => !first.includes(step)),
    ...settingSteps(settings, paths, cgroup),
    ...(rootless ? [] : deviceSteps(resources, paths, cgroup)),
    ...planDelegation(spec, cgroup, paths),
    ...open,
  ];
  return {
    firstSteps: spawnsInto ? spawnSteps(first, paths[''] as string) : [],
    steps,
    joinSteps: join,
    lateJoinSteps: late,
    cgroupPaths: paths,
    ...(place ? { systemdUnit: { name: place.name, user: place.user } } : {}),
    warnings: warningsOf(resources),
  };
}
