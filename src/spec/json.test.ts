import fc from 'fast-check';
import { parse as parseLossless } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { dropNulls, parseJson } from './json.ts';
import { parseStrict } from './json-strict.ts';

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as RuntimeError).code).toBe('INVALID_JSON');
    return (error as Error).message;
  }
  throw new Error('no error');
}

describe('integers (RLIM_INFINITY is no double)', () => {
  it.each([
    ['18446744073709551615', 18446744073709551615n],
    ['9223372036854771712', 9223372036854771712n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['1234567890123456', 1234567890123456],
    ['42', 42],
    ['1e3', 1000],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toBe(value);
    expect(parseJson(`{"a":[${text}]}`)).toEqual({ a: [value] });
  });

  it('agrees with lossless-json', () => {
    const integer = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
    const bigints = (value: string): unknown => (Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value));
    fc.assert(
      fc.property(fc.array(integer), (values) => {
        const text = `[${values.join(',')}]`;
        expect(parseStrict(text)).toEqual(parseLossless(text, null, bigints));
      }),
    );
  });
});

describe('strict parser', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // An integer beyond 2^53 is the one wanted difference.
        fc.pre(!/\d{16}/.test(text));
        expect(parseStrict(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('"', '{', ']', ',', '\\', '0', '\u0001', 'tru'), (text, at, noise) => {
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + noise + text.slice(place);
        const refused = (parser: (text: string) => unknown): boolean => {
          try {
            parser(damaged);
            return false;
          } catch {
            return true;
          }
        };
        expect(refused(parseStrict)).toBe(refused(JSON.parse));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps __proto__ an ordinary member', () => {
    const value = parseStrict('{"__proto__": {"polluted": 1}, "n": 18446744073709551615}') as Record<string, unknown>;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('tells of repeated names and lets the last win', () => {
    const found: string[] = [];
    expect(parseStrict('{"a":{"b/c":1,"b/c":2}}', { onDuplicate: (pointer) => found.push(pointer) })).toEqual({ a: { 'b/c': 2 } });
    expect(found).toEqual(['/a/b~1c']);
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it('bounds the depth', () => {
    expect(failure(() => parseStrict('['.repeat(100_000)))).toContain('at most 200 levels');
    expect(failure(() => dropNulls(JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`)))).toContain('200 levels');
  });
});

describe('errors', () => {
  it.each([
    ['', 'line 1, column 1: expected a value, found the end'],
    ['{"a": 1,\n "b" 2}', 'line 2, column 6: expected ":", found "2"'],
    ['{"a": 1,}', 'line 1, column 9: expected a string, found "}"'],
    ['[1 2]', 'line 1, column 4: expected "," or "]", found "2"'],
    ['{"a": 1} x', 'line 1, column 10: expected nothing more, found "x"'],
    ['"a\nb"', 'line 1, column 1: expected a well-formed string, found "\\""'],
    ['01', 'line 1, column 2: expected nothing more, found "1"'],
    ['\ufeff{}', 'line 1, column 1: expected a value'],
  ])('%j', (text, message) => {
    expect(failure(() => parseJson(text))).toContain(message);
  });
});

it('drops null members at every level, but not items', () => {
  const value = { a: null, b: { c: null, d: [null, { e: null, f: 1 }] } };
  dropNulls(value);
  expect(value).toEqual({ b: { d: [null, { f: 1 }] } });
});

it('GLO-001 a long document that is too deep is refused', () => {
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
  expect(() => parseJson(`{"x":${deep}}`)).toThrow(/(more than|at most) 200 levels/);
  expect(() => parseJson(JSON.stringify({ wide: Array.from({ length: 40_000 }, () => [1]) }))).not.toThrow();
});

it.each(['1.', '1.e5', '-01', '"\\x41"', '"\\v"', '"\\u{41}"', "'a'", '[1,]', 'NaN'])('GLO-001 %s is no JSON for any engine', (text) => {
  expect(() => parseJson(text)).toThrow(/^invalid JSON/);
  expect(() => parseStrict(text)).toThrow(/^invalid JSON/);
});
