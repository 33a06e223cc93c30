import type { DeviceRule } from './filter.ts';
import type { DeviceRules } from './rules.ts';

/** One write to a file of the devices controller. */
export interface DeviceWrite {
  readonly file: 'devices.allow' | 'devices.deny';
  readonly value: string;
  /** Whether no configuration asks for it, so that a parent which forbids it may have its way. */
  readonly isOwn?: true;
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

const entryOf = ({ type, major, minor, access, allow }: DeviceRule): Entry => {
  return { key: `${type} ${major ?? '*'}:${minor ?? '*'}`, access: [...access], allow };
};

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

const everyDevice: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'rwm' },
  { allow: true, type: 'b', access: 'rwm' },
];

/** The exceptions to a default that say what the rules say; undefined when there are none. */
function represent(rules: readonly DeviceRule[], startsAllowed: boolean, defaultAllow: boolean): Exceptions | undefined {
  const exceptions: Exceptions = new Map();
  const all = startsAllowed && !defaultAllow ? [...everyDevice, ...rules] : rules;
  for (const entry of all.map(entryOf)) {
    if (entry.allow !== defaultAllow) add(exceptions, entry);
    else if (!takeAway(exceptions, entry)) return undefined;
  }
  return exceptions;
}

const order = 'rwm';
const lettersOf = (letters: ReadonlySet<string>): string => [...order].filter((letter) => letters.has(letter)).join('');

/** What `some` have that `others` lack. */
function beyond(some: Exceptions, others: Exceptions): Exceptions {
  const rest = [...some].map(([key, letters]) => [key, new Set([...letters].filter((letter) => !others.get(key)?.has(letter)))] as const);
  return new Map(rest.filter(([, letters]) => letters.size > 0));
}

const writesFor = (exceptions: Exceptions, file: DeviceWrite['file']): DeviceWrite[] =>
  [...exceptions].map(([key, letters]) => ({ file, value: `${key} ${lettersOf(letters)}` }));

/**
 * The writes that make a cgroup v1 devices controller say what the rules say.
 * @returns undefined when its default and exceptions cannot
 */
export function deviceWrites({ allowsOthers, given, own }: DeviceRules): readonly DeviceWrite[] | undefined {
  const denied = allowsOthers ? represent([...given, ...own], true, true) : undefined;
  if (denied !== undefined) return [{ file: 'devices.allow', value: 'a' }, ...writesFor(denied, 'devices.deny')];
  const asked = represent(given, allowsOthers, false);
  const all = represent([...given, ...own], allowsOthers, false);
  if (asked === undefined || all === undefined) return undefined;
  return [
    { file: 'devices.deny', value: 'a' },
    ...writesFor(asked, 'devices.allow'),
    ...writesFor(beyond(all, asked), 'devices.allow').map((write): DeviceWrite => ({ ...write, isOwn: true })),
  ];
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
 * @returns undefined when a list of what is allowed cannot say it
 */
export function allowList({ allowsOthers, given, own }: DeviceRules): readonly AllowedAccess[] | undefined {
  const exceptions = represent([...given, ...own], allowsOthers, false);
  if (exceptions === undefined) return undefined;
  return [...exceptions].map(([key, letters]) => {
    const [major = '*', minor = '*'] = key.slice(2).split(':');
    return { type: key.startsWith('c') ? 'c' : 'b', major, minor, access: lettersOf(letters) };
  });
}
