import type { LinuxResources } from '../spec/types.ts';
import type { DeviceRule } from './device-filter.ts';

const allow = (type: 'c' | 'b', access: string, major?: number, minor?: number): DeviceRule => ({
  allow: true,
  type,
  access,
  ...(major === undefined ? {} : { major }),
  ...(minor === undefined ? {} : { minor }),
});

/** Devices every container may use, whatever its rules say: "deny all" in configurations must leave /dev working (ENG-016). */
const always: readonly DeviceRule[] = [
  allow('c', 'm'),
  allow('b', 'm'),
  allow('c', 'rwm', 1, 3), // null
  allow('c', 'rwm', 1, 5), // zero
  allow('c', 'rwm', 1, 7), // full
  allow('c', 'rwm', 1, 8), // random
  allow('c', 'rwm', 1, 9), // urandom
  allow('c', 'rwm', 5, 0), // tty
  allow('c', 'rwm', 5, 2), // ptmx
  allow('c', 'rwm', 136), // pts
  allow('c', 'rwm', 10, 200), // net/tun
];

/** -1 is how callers spell "any" where Go has no pointer. */
function number(value: number | bigint | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : Number(value);
}

/**
 * The device rules in force, the later one wins: those given, then the devices every container may use. Empty when no rules are
 * given; then access is what the parent cgroup allows.
 */
export function deviceRules(resources: LinuxResources | undefined): readonly DeviceRule[] {
  const given = resources?.devices ?? [];
  if (given.length === 0) return [];
  const rules = given.map((rule): DeviceRule => {
    const major = number(rule.major);
    const minor = number(rule.minor);
    return {
      allow: rule.allow,
      type: rule.type === undefined || rule.type === '' ? 'a' : rule.type,
      access: rule.access ?? 'rwm',
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
    };
  });
  return [...rules, ...always];
}

/** Whether a rule is about every device and every access. */
export function isForEverything({ type, major, minor, access }: DeviceRule): boolean {
  return type === 'a' && major === undefined && minor === undefined && [...'rwm'].every((letter) => access.includes(letter));
}
