import type { DeviceWrite } from './v1.ts';

/** What devices.list (cgroup v1) says when everything is allowed; exceptions to that it does not tell. */
const EVERYTHING = 'a *:* rwm';

/** Letters of access by "c 1:3", while all other access is denied. */
type Allowed = ReadonlyMap<string, string>;

function allowed(lines: readonly string[]): Allowed {
  const byKey = new Map<string, string>();
  for (const line of lines) {
    const end = line.lastIndexOf(' ');
    const key = line.slice(0, end);
    byKey.set(key, (byKey.get(key) ?? '') + line.slice(end + 1));
  }
  return byKey;
}

const linesOf = (list: string): string[] => list.split('\n').filter((line) => line !== '');

/** Access of an entry that `others` lack; undefined when that is none. */
function missing([key, access]: readonly [string, string], others: Allowed): string | undefined {
  const letters = [...access].filter((letter) => !others.get(key)?.includes(letter)).join('');
  return letters === '' ? undefined : `${key} ${letters}`;
}

/** The entries of a list of what is allowed; undefined when it is one of what is denied. */
function wantedEntries([first, ...rest]: readonly DeviceWrite[]): readonly DeviceWrite[] | undefined {
  return first?.file === 'devices.deny' && first.value === 'a' ? rest : undefined;
}

/**
 * The writes that lead from what devices.list says to what `wanted` says. From one list to another each entry goes for itself, those that
 * fall away first: what both lists allow is allowed at any time, and nothing else is that only one of them allows. Only a change of what
 * holds for all other devices starts from nothing.
 */
export function deviceChanges(present: string | undefined, wanted: readonly DeviceWrite[]): readonly DeviceWrite[] {
  const lines = linesOf(present ?? EVERYTHING);
  const target = wantedEntries(wanted);
  if (lines.includes(EVERYTHING) || target === undefined) return wanted;
  const before = allowed(lines);
  const after = allowed(target.map(({ value }) => value));
  const write = (value: string | undefined, of: DeviceWrite): DeviceWrite[] => (value === undefined ? [] : [{ ...of, value }]);
  return [
    ...[...before].flatMap((entry) => write(missing(entry, after), { file: 'devices.deny', value: '' })),
    ...target.flatMap((each) => [...allowed([each.value])].flatMap((entry) => write(missing(entry, before), each))),
  ];
}

/** The writes that make devices.list say again what it said before. */
export function restoringDeviceWrites(present: string | undefined, before: string): readonly DeviceWrite[] {
  const lines = linesOf(before);
  if (lines.includes(EVERYTHING)) return [{ file: 'devices.allow', value: 'a' }];
  return deviceChanges(present, [
    { file: 'devices.deny', value: 'a' },
    ...lines.map((value): DeviceWrite => ({ file: 'devices.allow', value })),
  ]);
}
