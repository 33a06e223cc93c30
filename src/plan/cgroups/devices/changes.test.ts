import { expect, test } from 'vitest';
import { deviceChanges, restoringDeviceWrites } from './changes.ts';
import type { DeviceWrite } from './v1.ts';

const denyAll: DeviceWrite = { file: 'devices.deny', value: 'a' };
const allow = (value: string): DeviceWrite => ({ file: 'devices.allow', value });
const deny = (value: string): DeviceWrite => ({ file: 'devices.deny', value });

/** The devices controller of cgroup v1 while it denies by default: entries that name the same devices are one. */
function written(list: ReadonlySet<string>, { file, value }: DeviceWrite): Set<string> {
  if (value === 'a') return new Set(file === 'devices.allow' ? ['everything'] : []);
  const [key, letters = ''] = [value.slice(0, value.lastIndexOf(' ')), value.split(' ').at(-1)];
  const entries = [...letters].map((letter) => `${key} ${letter}`);
  return file === 'devices.allow' ? new Set([...list, ...entries]) : new Set([...list].filter((entry) => !entries.includes(entry)));
}

const accesses = (list: string): Set<string> =>
  list
    .split('\n')
    .filter(Boolean)
    .map(allow)
    .reduce((set, write) => written(set, write), new Set<string>());

test.each([
  ['c 1:3 rwm\nc 10:229 rw\nb 8:* r\n', 'c 1:3 rw\nc 10:200 rwm\nb 8:* r\n'],
  ['c 1:3 rwm\n', ''],
  ['', 'c 1:3 rwm\n'],
  ['c *:* m\nc 1:3 rwm\n', 'c *:* m\nc 1:3 rwm\n'],
])('from %j to %j: at any time what both allow, and nothing that only one allows', (present, wanted) => {
  const [before, after] = [accesses(present), accesses(wanted)];
  const both = [...before].filter((entry) => after.has(entry));
  let list = before;
  for (const write of deviceChanges(present, [denyAll, ...wanted.split('\n').filter(Boolean).map(allow)])) {
    const next = written(list, write);
    expect(both.every((entry) => next.has(entry))).toBe(true);
    expect([...next].every((entry) => before.has(entry) || after.has(entry))).toBe(true);
    list = next;
  }
  expect(list).toEqual(after);
});

test('what falls away goes first', () => {
  expect(deviceChanges('c 10:229 rw\n', [denyAll, allow('c 10:200 r')])).toEqual([deny('c 10:229 rw'), allow('c 10:200 r')]);
});

test('a default of another kind is written as a whole', () => {
  const list = [denyAll, allow('c 1:3 rwm')];
  expect(deviceChanges('a *:* rwm\n', list)).toEqual(list);
  expect(deviceChanges(undefined, list)).toEqual(list);
  const open = [allow('a'), deny('c 1:11 rwm')];
  expect(deviceChanges('c 1:3 rwm\n', open)).toEqual(open);
});

test('the way back', () => {
  expect(restoringDeviceWrites('c 1:3 rwm\n', 'a *:* rwm\n')).toEqual([allow('a')]);
  expect(restoringDeviceWrites('c 1:3 rwm\nb *:* m\n', 'c 1:3 rwm\nc 5:0 r\n')).toEqual([deny('b *:* m'), allow('c 5:0 r')]);
  expect(restoringDeviceWrites('a *:* rwm\n', 'c 1:3 rwm\n')).toEqual([denyAll, allow('c 1:3 rwm')]);
});
