import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileDeviceFilter, type DeviceRule } from './filter.ts';

interface Request {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly access: string;
}

const bits: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const accessOf = (letters: string): number => [...letters].reduce((mask, letter) => mask | (bits[letter] ?? 0), 0);

/** The few instructions of eBPF that the filter is made of. */
function run(program: Uint8Array, { type, major, minor, access }: Request): boolean {
  const code = new DataView(program.buffer, program.byteOffset, program.length);
  const context = [(accessOf(access) << 16) | (type === 'b' ? 1 : 2), major, minor];
  const registers = [-1, -1, -1, -1, -1, -1];
  for (let at = 0; at * 8 < program.length; at++) {
    const operation = code.getUint8(at * 8);
    const to = code.getUint8(at * 8 + 1) & 15;
    const from = code.getUint8(at * 8 + 1) >> 4;
    const offset = code.getInt16(at * 8 + 2, true);
    const value = code.getInt32(at * 8 + 4, true);
    const register = registers[to] ?? -1;
    if (operation === 0x61) registers[to] = context[offset / 4] ?? -1;
    else if (operation === 0xb7) registers[to] = value;
    else if (operation === 0xbc) registers[to] = registers[from] ?? -1;
    else if (operation === 0x54) registers[to] = register & value;
    else if (operation === 0x74) registers[to] = register >>> value;
    else if (operation === 0x05) at += offset;
    else if (operation === 0x55) at += register !== value ? offset : 0;
    else if (operation === 0x45) at += (register & value) !== 0 ? offset : 0;
    else if (operation === 0x95) return registers[0] === 1;
    else throw new Error(`unknown instruction ${operation}`);
  }
  throw new Error('the program ends without an answer');
}

const denyAll: DeviceRule = { allow: false, type: 'a', access: 'rwm' };
const allowAll: DeviceRule = { allow: true, type: 'a', access: 'rwm' };
const device = (allow: boolean, type: 'b' | 'c', major: number | undefined, minor: number | undefined, access: string): DeviceRule => ({
  allow,
  type,
  access,
  ...(major === undefined ? {} : { major }),
  ...(minor === undefined ? {} : { minor }),
});

/** "c 1:3 rw" → whether the rules let it pass. */
function passes(rules: readonly DeviceRule[], request: string): boolean {
  const [, type, major, minor, access = ''] = /^([bc]) (\d+):(\d+) ([rwm]*)$/.exec(request) ?? [];
  return run(compileDeviceFilter(rules), { type: type as 'b' | 'c', major: Number(major), minor: Number(minor), access });
}

describe('device filter', () => {
  const nullDevice = device(true, 'c', 1, 3, 'rw');
  const loop = device(false, 'b', 7, undefined, 'w');
  test.each<[string, readonly DeviceRule[], string, boolean]>([
    ['nothing is allowed to begin with', [], 'c 1:3 r', false],
    ['deny all', [denyAll], 'c 1:3 r', false],
    ['allow all', [allowAll], 'b 8:0 rwm', true],
    ['what is allowed', [denyAll, nullDevice], 'c 1:3 rw', true],
    ['one letter of what is allowed', [denyAll, nullDevice], 'c 1:3 r', true],
    ['one letter too many', [denyAll, nullDevice], 'c 1:3 rwm', false],
    ['another minor', [denyAll, nullDevice], 'c 1:5 r', false],
    ['another major', [denyAll, nullDevice], 'c 2:3 r', false],
    ['another type', [denyAll, nullDevice], 'b 1:3 r', false],
    ['letters from two rules', [denyAll, nullDevice, device(true, 'c', undefined, undefined, 'm')], 'c 1:3 rwm', true],
    ['mknod of everything', [denyAll, device(true, 'c', undefined, undefined, 'm')], 'c 9:9 m', true],
    ['any minor', [denyAll, device(true, 'c', 136, undefined, 'rwm')], 'c 136:77 rwm', true],
    ['a denied letter', [allowAll, loop], 'b 7:1 w', false],
    ['a denied letter among others', [allowAll, loop], 'b 7:1 rw', false],
    ['a letter that is not denied', [allowAll, loop], 'b 7:1 r', true],
    ['later wins: allow', [allowAll, loop, device(true, 'b', 7, 1, 'w')], 'b 7:1 rw', true],
    ['later wins: deny', [denyAll, nullDevice, device(false, 'c', 1, undefined, 'w')], 'c 1:3 rw', false],
    ['later wins, letter by letter', [denyAll, nullDevice, device(false, 'c', 1, undefined, 'w')], 'c 1:3 r', true],
    ['"a" forgets what came before', [denyAll, nullDevice, denyAll], 'c 1:3 r', false],
    ['"a" forgets denials too', [loop, allowAll], 'b 7:1 w', true],
    ['"a" ignores its other members', [nullDevice, { ...denyAll, major: 8, access: 'm' }], 'c 1:3 r', false],
    ['no letter', [allowAll, device(false, 'c', 1, 3, '')], 'c 1:3 rwm', true],
    ['a number that no device has', [denyAll, device(true, 'c', 2 ** 32 + 1, 3, 'rwm')], 'c 1:3 r', false],
  ])('%s', (_title, rules, request, expected) => {
    expect(passes(rules, request)).toBe(expected);
  });

  /** The rules one after the other on a table of every letter of one device. */
  function reference(rules: readonly DeviceRule[], request: Request): boolean {
    const granted: Record<string, boolean> = { r: false, w: false, m: false };
    for (const rule of rules) {
      const matches =
        rule.type === 'a' ||
        (rule.type === request.type && (rule.major ?? request.major) === request.major && (rule.minor ?? request.minor) === request.minor);
      if (matches) for (const letter of rule.type === 'a' ? 'rwm' : rule.access) granted[letter] = rule.allow;
    }
    return [...request.access].every((letter) => granted[letter]);
  }

  const letters = fc.constantFrom('r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm');
  const number = fc.integer({ min: 0, max: 2 });
  const rule: fc.Arbitrary<DeviceRule> = fc
    .tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'b', 'c'), fc.option(number), fc.option(number), letters)
    .map(([allow, type, major, minor, access]) => ({
      allow,
      type: type as DeviceRule['type'],
      access,
      ...(major === null ? {} : { major }),
      ...(minor === null ? {} : { minor }),
    }));
  const request = fc.record({ type: fc.constantFrom('b' as const, 'c' as const), major: number, minor: number, access: letters });

  test('grants what the rules say one after the other', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 10 }), fc.array(request, { minLength: 20, maxLength: 20 }), (rules, requests) => {
        const program = compileDeviceFilter(rules);
        for (const some of requests) expect({ some, passes: run(program, some) }).toEqual({ some, passes: reference(rules, some) });
      }),
    );
  });
});
