import { RuntimeError } from '../../../errors.ts';
import type { CgroupFacts, HostFacts } from '../../../host/facts.ts';
import { normalize } from '../../../spec/path.ts';
import type { LinuxResources, Spec } from '../../../spec/types.ts';
import type { UnitProperty } from '../../../spec/unit-properties.ts';
import { annotatedProperties } from '../../../spec/unit-properties.ts';
import { isRootless } from '../../context.ts';
import { deviceProperties } from './devices.ts';
import { formerLimits, limitProperties, oomPolicy } from './limits.ts';
import type { ScopePlace } from './unit.ts';

const POINTER = '/linux/cgroupsPath';

/** Characters of unit names (systemd.unit(5)), but for what separates. */
const UNIT_NAME = /^[A-Za-z0-9:_.\\-]{1,200}$/;

function invalid(message: string): RuntimeError {
  return new RuntimeError('INVALID_CGROUPS_PATH', message, { pointer: POINTER });
}

/**
 * The place that a cgroupsPath "slice:prefix:name" names (CLI-006): the scope prefix-name.scope in the slice; empty parts and a missing
 * path mean the manager's usual slice, no prefix, and the container's id.
 * @throws RuntimeError INVALID_CGROUPS_PATH
 */
export function scopePlace(cgroupsPath: string | undefined, id: string, user: boolean): ScopePlace {
  const path = cgroupsPath || ':runts:';
  const parts = path.split(':');
  if (parts.length !== 3) {
    throw invalid(`expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${JSON.stringify(path)} instead`);
  }
  const [slice = '', prefix = '', given = ''] = parts;
  const base = given || id;
  const name = `${prefix === '' ? base : `${prefix}-${base}`}.scope`;
  if (!UNIT_NAME.test(name)) throw invalid(`cgroupsPath ${JSON.stringify(path)} makes no valid unit name`);
  const parent = slice || (user ? 'user.slice' : 'system.slice');
  sliceDirectory(parent);
  return { name, user, slice: parent };
}

/**
 * Directory of a slice below its manager's: "a-b.slice" is "/a.slice/a-b.slice", "-.slice" the root (systemd.slice(5)).
 * @throws RuntimeError INVALID_CGROUPS_PATH
 */
export function sliceDirectory(slice: string): string {
  if (slice === '-.slice') return '';
  const words = slice.slice(0, -'.slice'.length).split('-');
  if (!slice.endsWith('.slice') || !UNIT_NAME.test(slice) || words.includes('')) {
    throw invalid(`invalid slice name: ${JSON.stringify(slice)}`);
  }
  return words.map((_, index) => `/${words.slice(0, index + 1).join('-')}.slice`).join('');
}

/** Directories of the scope by controller, as the cgroupfs driver has them; `managerCgroup` is where the manager itself is ("" for the system's). */
export function scopeDirectories(facts: CgroupFacts, { slice, name }: ScopePlace, managerCgroup: string): Readonly<Record<string, string>> {
  const path = `${managerCgroup}${sliceDirectory(slice)}/${name}`;
  return Object.fromEntries(
    Object.entries(facts.hierarchies).map(([controller, { mountPoint }]) => [controller, normalize(mountPoint + path)]),
  );
}

/**
 * The properties of a container's scope (systemd.scope(5), org.freedesktop.systemd1(5)) without PIDs, which is known only when it is made.
 * @throws RuntimeError INVALID_ANNOTATION, CGROUP_UNSUPPORTED
 */
export function scopeProperties(
  spec: Spec,
  id: string,
  { slice }: ScopePlace,
  facts: HostFacts,
  allowedAnnotations?: readonly string[],
): UnitProperty[] {
  const isUnified = facts.cgroup.mode === 'unified';
  const resources = spec.linux?.resources ?? {};
  const accounting = ['CPUAccounting', 'MemoryAccounting', 'TasksAccounting', isUnified ? 'IOAccounting' : 'BlockIOAccounting'];
  return [
    ['Description', ['s', `container ${id}`]],
    ['Slice', ['s', slice]],
    ['DefaultDependencies', ['b', false]],
    // Systemd takes the last: what the configuration limits no annotation undoes.
    ...annotatedProperties(spec.annotations ?? {}, allowedAnnotations),
    // The container may make cgroups of its own, and systemd leaves what is below the scope alone.
    ['Delegate', ['b', true]],
    ...accounting.map((name): UnitProperty => [name, ['b', true]]),
    ...limitProperties(resources, isUnified),
    ...(isUnified ? oomPolicy(resources) : []),
    ...(isRootless(facts) ? [] : deviceProperties(resources)),
  ];
}

/**
 * The limits and device rules of an update: systemd puts what it knows of in force again at each reload.
 * @throws RuntimeError CGROUP_UNSUPPORTED
 */
export function updatedProperties(resources: LinuxResources, facts: HostFacts): UnitProperty[] {
  const devices = !isRootless(facts) && resources.devices?.length ? deviceProperties(resources) : [];
  return [...limitProperties(resources, facts.cgroup.mode === 'unified'), ...devices];
}

/**
 * The properties that put back what an update has told systemd (cgroup v2).
 * @param files what the written control files held before, by name
 * @param devices the device rules before
 */
export function formerProperties(
  files: Readonly<Record<string, string>>,
  devices: LinuxResources['devices'],
  facts: HostFacts,
): UnitProperty[] {
  const rules = devices === undefined ? {} : { devices };
  return [...formerLimits(files), ...(isRootless(facts) ? [] : deviceProperties(rules))];
}
