import { isForEverything } from '../../../spec/device-rules.ts';
import type { LinuxResources } from '../../../spec/types.ts';
import type { DeviceRule } from './filter.ts';

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

/** What of the always allowed is no single device: a configuration that allows everything else means its denials of nodes. */
const isWildcard = ({ major }: DeviceRule): boolean => major === undefined;

/** The device rules in force; of the exceptions the later one wins. */
export interface DeviceRules {
  /** Whether what no exception names is allowed. */
  readonly allowsOthers: boolean;
  /** What the configuration says of single kinds of devices. */
  readonly given: readonly DeviceRule[];
  /** What every container may use, after those. */
  readonly own: readonly DeviceRule[];
}

/**
 * The rules of a configuration in runc's reading, the same for both versions of cgroups and for systemd: everything is denied to begin
 * with, and a rule of type "a" allows or denies everything and forgets the rules before it, whatever its other members say.
 */
export function deviceRules(resources: LinuxResources | undefined): DeviceRules {
  const rules = resources?.devices ?? [];
  const last = rules.findLastIndex(isForEverything);
  const allowsOthers = rules[last]?.allow ?? false;
  const given = rules.slice(last + 1).map((rule): DeviceRule => {
    const major = number(rule.major);
    const minor = number(rule.minor);
    return {
      allow: rule.allow,
      type: rule.type as 'b' | 'c',
      access: rule.access ?? 'rwm',
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
    };
  });
  return { allowsOthers, given, own: allowsOthers ? always.filter((rule) => !isWildcard(rule)) : always };
}
