import { expect, test } from 'vitest';
import { exactJson } from '../spec/exact-json.ts';
import { parseDuration } from './duration.ts';

test.each([
  ['5s', 5000],
  ['100ms', 100],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['250us', 0.25],
  // No timer waits longer than 24 days.
  ['2562047h', 2 ** 31 - 1],
])('%s', (text, expected) => {
  expect(parseDuration('interval', text)).toBeCloseTo(expected);
});

test.each(['', '5', 's', '0s', '-1s', '5s ', '1e3ms', '99999999h'])('%j is no interval', (text) => {
  expect(() => parseDuration('interval', text)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test('a duration that is too long is not told that it is too short', () => {
  expect(() => parseDuration('interval', '2562048h')).toThrow('invalid value for interval: "2562048h" is too long');
  expect(() => parseDuration('interval', '0s')).toThrow('duration interval must be greater than 0');
});

test('JSON keeps the digits of bigints and leaves out what is undefined', () => {
  expect(exactJson({ a: 18446744073709551615n, b: undefined, c: [1, 'x"', null, true], d: {} })).toBe(
    '{"a":18446744073709551615,"c":[1,"x\\"",null,true],"d":{}}',
  );
});
