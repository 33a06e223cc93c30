import { expect, test } from 'vitest';
import { exactJson } from './exact-json.ts';

test('what JSON has words for is written as JSON.stringify does', () => {
  const value = { a: [1, -0, 1e21, 'x"\n\u2028', null, true, undefined], b: undefined, c: { '': {}, d: [] }, e: Number.NaN };
  expect(exactJson(value)).toBe(JSON.stringify(value));
  expect(exactJson(undefined)).toBe('null');
});

test('a bigint has every digit, wherever it is', () => {
  expect(exactJson({ a: [{ b: 2n ** 64n - 1n }], c: 'd' })).toBe('{"a":[{"b":18446744073709551615}],"c":"d"}');
});

test('what would be left out, or would write itself, is nothing that a member could get lost by', () => {
  expect(exactJson({ a: () => 1, b: Symbol('c'), d: 1 })).toBe('{"a":null,"b":null,"d":1}');
  expect(exactJson({ a: { toJSON: 1, b: { toJSON: () => 'other', c: 2n } } })).toBe('{"a":{"toJSON":1,"b":{"toJSON":null,"c":2}}}');
  const date = new Date(0);
  expect(exactJson({ date })).toBe('{"date":{}}');
});
