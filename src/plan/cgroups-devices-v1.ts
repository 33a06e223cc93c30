import { isForEverything } from './cgroups-devices.ts';
import type { DeviceRule } from './device-filter.ts';

/** One write to a file of the devices controller. */
export interface DeviceWrite {
  readonly file: 'devices.allow' | 'devices.deny';
  readonly value: string;
}

/**
 * The kernel keeps a default and a set of exceptions to it, not a list: a rule can add an exception, or take away exactly one that is
 * there. Keys are "c 1:3"; values the letters of access.
 */
type Exceptions = Map<string, Set<string>>;

interface Entry {
  readonly key: string;
  readonly access: readonly string[];
  readonly allow: boolean;
}

/** A rule for both types of devices becomes two entries. */
function entries(rule: DeviceRule): Entry[] {
  const types = rule.type === 'a' ? ['c', 'b'] : [rule.type];
  const { major, minor, allow } = rule;
  return types.map((type) => ({ key: `${type} ${major ?? '*'}:${minor ?? '*'}`, access: [...rule.access], allow }));
}

function overlaps(a: string, b: string): boolean {
  const [majorA, minorA] = a.slice(2).split(':');
  const [majorB, minorB] = b.slice(2).split(':');
  return (
    a[0] === b[0] && (majorA === majorB || majorA === '*' || majorB === '*') && (minorA === minorB || minorA === '*' || minorB === '*')
  );
}

/** Whether every device of `inner` is one of `outer`. */
function covers(outer: string, inner: string): boolean {
  const [majorOut, minorOut] = outer.slice(2).split(':');
  const [majorIn, minorIn] = inner.slice(2).split(':');
  return (majorOut === '*' || majorOut === majorIn) && (minorOut === '*' || minorOut === minorIn);
}

/** Adds an entry that agrees with the exceptions. */
function add(exceptions: Exceptions, { key, access }: Entry): void {
  const letters = exceptions.get(key) ?? new Set();
  for (const letter of access) letters.add(letter);
  exceptions.set(key, letters);
}

/**
 * Takes an entry's access away from the exceptions.
 * @returns false when an exception that overlaps but is not the same stands in the way
 */
function takeAway(exceptions: Exceptions, { key, access }: Entry): boolean {
  for (const [other, letters] of exceptions) {
    if (!overlaps(key, other) || !access.some((letter) => letters.has(letter))) continue;
    if (!covers(key, other)) return false;
    for (const letter of access) letters.delete(letter);
    if (letters.size === 0) exceptions.delete(other);
  }
  return true;
}

/** The exceptions to a default that say what the rules say; undefined when there are none. */
function represent(rules: readonly DeviceRule[], startsAllowed: boolean, defaultAllow: boolean): Exceptions | undefined {
  const exceptions: Exceptions = new Map();
  const everything: DeviceRule = { allow: true, type: 'a', access: 'rwm' };
  const all = startsAllowed && !defaultAllow ? [everything, ...rules] : rules;
  for (const entry of all.flatMap(entries)) {
    if (entry.allow !== defaultAllow) add(exceptions, entry);
    else if (!takeAway(exceptions, entry)) return undefined;
  }
  return exceptions;
}

const order = 'rwm';
const lettersOf = (letters: ReadonlySet<string>): string => [...order].filter((letter) => letters.has(letter)).join('');

function writesFor(exceptions: Exceptions, defaultAllow: boolean): DeviceWrite[] {
  const file = defaultAllow ? 'devices.deny' : 'devices.allow';
  return [...exceptions].map(([key, letters]) => ({ file, value: `${key} ${lettersOf(letters)}` }));
}

/**
 * The writes that make a cgroup v1 devices controller say what the rules say.
 * @returns undefined when its default and exceptions cannot
 */
export function deviceWrites(rules: readonly DeviceRule[]): readonly DeviceWrite[] | undefined {
  if (rules.length === 0) return [];
  const last = rules.findLastIndex(isForEverything);
  const rest = rules.slice(last + 1);
  const base = rules[last];
  if (base?.allow === false) {
    const exceptions = represent(rest, false, false);
    return exceptions && [{ file: 'devices.deny', value: 'a' }, ...writesFor(exceptions, false)];
  }
  // Without a rule for everything the default is the parent's, which is to allow unless somebody restricted the runtime itself.
  const exceptions = represent(rest, true, true);
  const reset: DeviceWrite[] = base === undefined ? [] : [{ file: 'devices.allow', value: 'a' }];
  if (exceptions !== undefined) return [...reset, ...writesFor(exceptions, true)];
  const turned = represent(rest, true, false);
  return turned && [{ file: 'devices.deny', value: 'a' }, ...writesFor(turned, false)];
}

/** Access to devices that is allowed while all other is denied, in the kernel's words. */
export interface AllowedAccess {
  readonly type: 'c' | 'b';
  /** Number or "*". */
  readonly major: string;
  readonly minor: string;
  /** Letters of "rwm". */
  readonly access: string;
}

/**
 * The rules as a list of what is allowed.
 * @param startsAllowed whether everything is before the first rule
 * @returns undefined when a list of what is allowed cannot say it
 */
export function allowList(rules: readonly DeviceRule[], startsAllowed: boolean): readonly AllowedAccess[] | undefined {
  const last = rules.findLastIndex(isForEverything);
  const exceptions = represent(rules.slice(last + 1), rules[last]?.allow ?? startsAllowed, false);
  if (exceptions === undefined) return undefined;
  return [...exceptions].map(([key, letters]) => {
    const [major = '*', minor = '*'] = key.slice(2).split(':');
    return { type: key.startsWith('c') ? 'c' : 'b', major, minor, access: lettersOf(letters) };
  });
}
