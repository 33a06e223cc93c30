import { expect, test } from 'vitest';
import { parseGroup, parseUser } from './user.ts';

test.each([
  ['1', { uid: 1 }],
  ['1:2', { uid: 1, gid: 2 }],
  ['0', { uid: 0 }],
  ['0:0', { uid: 0, gid: 0 }],
  ['4294967294:4294967294', { uid: 4294967294, gid: 4294967294 }],
])('%s (CVE-2026-30892)', (text, user) => {
  expect(parseUser(text)).toEqual(user);
});

const bad = [
  ' 1',
  '1 ',
  '1:',
  ':1',
  ':',
  '',
  '-1',
  '+1',
  '4294967295',
  '4294967296',
  '18446744073709551616',
  '1e3',
  '0x10',
  '010',
  '1.0',
  '٣',
  'root',
];

test.each([...bad, '1:2:3', '1:-1', '1: 2', '1:4294967295', '1:root', '1\n'])('%j is refused', (text) => {
  expect(() => parseUser(text)).toThrow(expect.objectContaining({ code: 'INVALID_USER' }));
});

test.each(bad)('group %j is refused', (text) => {
  expect(() => parseGroup(text)).toThrow(expect.objectContaining({ code: 'INVALID_USER' }));
});

test('group', () => {
  expect(parseGroup('5')).toBe(5);
});
