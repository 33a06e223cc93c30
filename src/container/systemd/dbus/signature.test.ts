import { expect, test } from 'vitest';
import { completeTypes, singleType } from './signature.ts';

test.each([
  ['', []],
  ['s', ['s']],
  ['ssa(sv)a(sa(sv))', ['s', 's', 'a(sv)', 'a(sa(sv))']],
  ['ybnqiuxtdsogvh', [...'ybnqiuxtdsogvh']],
  ['a{sv}(i(ay))', ['a{sv}', '(i(ay))']],
  [`${'a'.repeat(32)}y`, [`${'a'.repeat(32)}y`]],
])('%j has its types', (signature, types) => {
  expect(completeTypes(signature)).toEqual(types);
});

test.each([
  ['a', 'ends within a type'],
  ['(s', 'ends within a type'],
  ['()', 'has ")" where a type should be'],
  ['s)', 'has ")" where a type should be'],
  ['{sv}', 'has "{" where a type should be'],
  ['a{vs}', 'has a key that is not basic'],
  ['a{s}', 'has "}" where a type should be'],
  ['a{svs}', 'has an entry that is not a pair'],
  ['z', 'has "z" where a type should be'],
  ['s\0', 'has "\\u0000" where a type should be'],
  [`${'a'.repeat(33)}y`, 'is nested too deeply'],
  [`${'('.repeat(33)}y${')'.repeat(33)}`, 'is nested too deeply'],
  ['y'.repeat(256), 'is longer than 255 bytes'],
])('%j is refused', (signature, why) => {
  expect(() => completeTypes(signature)).toThrow(why);
});

test.each(['', 'ss'])('a variant is not of type %j', (signature) => {
  expect(() => singleType(signature)).toThrow('is not one complete type');
});
