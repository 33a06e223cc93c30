import type { LinuxResources } from '../../../spec/types.ts';
import type { UnitProperty } from '../../../spec/unit-properties.ts';
import { deviceRules } from '../devices/rules.ts';
import { type AllowedAccess, allowList } from '../devices/v1.ts';

const kinds = { c: 'char', b: 'block' } as const;

/** What DeviceAllow names (systemd.resource-control(5)); undefined for a minor of any major, which it has no word for. */
function pattern({ type, major, minor }: AllowedAccess): string | undefined {
  const kind = kinds[type];
  if (minor === '*') return `${kind}-${major}`;
  return major === '*' ? undefined : `/dev/${kind}/${major}:${minor}`;
}

const policy = (name: 'auto' | 'strict', allowed: readonly (readonly string[])[]): UnitProperty[] => [
  ['DevicePolicy', ['s', name]],
  // An empty list takes back the one before.
  ['DeviceAllow', ['a(ss)', []]],
  ...(allowed.length > 0 ? [['DeviceAllow', ['a(ss)', allowed]] as const] : []),
];

/**
 * The rules for devices as properties of a unit: systemd puts its own in force again when it is reloaded. "auto" leaves devices to the
 * filter of the runtime; so it has to be where systemd's list of what is allowed cannot say what the rules say.
 */
export function deviceProperties(resources: LinuxResources): UnitProperty[] {
  const allowed = allowList(deviceRules(resources))?.map((entry) => [pattern(entry), entry.access] as const);
  const everything = ['char-*', 'block-*'].every((name) => allowed?.some(([path, access]) => path === name && access === 'rwm'));
  if (allowed === undefined || everything) return policy('auto', []);
  const known = allowed.filter((entry): entry is readonly [string, string] => entry[0] !== undefined);
  return known.length < allowed.length ? policy('auto', []) : policy('strict', known);
}
