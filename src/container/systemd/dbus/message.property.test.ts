import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BusValue } from '../../../spec/unit-properties.ts';
import { BusError } from './error.ts';
import { decodeMessage, encodeCall } from './message.ts';
import { memberTypes } from './signature.ts';

const bits = (size: bigint, signed: boolean) =>
  fc.bigInt(signed ? { min: -(1n << (size - 1n)), max: (1n << (size - 1n)) - 1n } : { min: 0n, max: (1n << size) - 1n });
const small = (size: bigint, signed: boolean) => bits(size, signed).map(Number);
// A decoder of text drops the byte order mark.
const text = fc.string({ unit: 'binary' }).filter((value) => !/[\0\ufeff]/.test(value));

const basic: Readonly<Record<string, fc.Arbitrary<BusValue>>> = {
  y: small(8n, false),
  b: fc.boolean(),
  n: small(16n, true),
  q: small(16n, false),
  i: small(32n, true),
  u: small(32n, false),
  x: bits(64n, true),
  t: bits(64n, false),
  d: fc.double(),
  s: text,
  o: fc.array(fc.stringMatching(/^[A-Za-z0-9_]{1,5}$/), { maxLength: 3 }).map((words) => `/${words.join('/')}`),
  g: fc.constantFrom('', 's', 'a(sv)', 'ssa(sa(sv))', 'a{sv}'),
};

const basicTypes = fc.constantFrom(...Object.keys(basic));
const types = fc.letrec<{ type: string; structure: string }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    basicTypes,
    fc.constant('v'),
    tie('structure'),
    tie('type').map((element) => `a${element}`),
    fc.tuple(basicTypes, tie('type')).map(([key, value]) => `a{${key}${value}}`),
  ),
  structure: fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((members) => `(${members.join('')})`),
})).type;

function anyValue(type: string): fc.Arbitrary<BusValue> {
  if (type === 'ay') return fc.uint8Array({ maxLength: 9 });
  if (type.startsWith('a')) return fc.array(anyValue(type.slice(1)), { maxLength: 3 });
  if (type === 'v') return basicTypes.chain((inner) => anyValue(inner).map((value) => [inner, value]));
  if (/^[({]/.test(type)) return fc.tuple(...memberTypes(type).map(anyValue));
  return basic[type] as fc.Arbitrary<BusValue>;
}

const calls = fc
  .array(types, { maxLength: 4 })
  .filter((list) => list.join('').length < 256)
  .chain((list) => fc.tuple(fc.constant(list.join('')), fc.tuple(...list.map(anyValue)), small(32n, false)))
  .map(([signature, values, number]) => ({ signature, arguments: values, serial: number || 1 }));

const place = { destination: 'org.freedesktop.systemd1', path: '/org/freedesktop/systemd1', interface: 'a.b', member: 'Call' };

test('what is marshalled is read back equal', () => {
  fc.assert(
    fc.property(calls, ({ serial, ...content }) => {
      const message = decodeMessage(encodeCall({ ...place, ...content }, serial));
      expect(message.serial).toBe(serial);
      expect(message.member).toBe('Call');
      expect(message.body(content.signature)).toEqual(content.arguments);
    }),
    { numRuns: 2000 },
  );
});

test('a message that was damaged is another message or a clear error', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(calls, damage, fc.nat(400), ({ serial, ...content }, changes, cut) => {
      const bytes = encodeCall({ ...place, ...content }, serial);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      try {
        const message = decodeMessage(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes);
        message.body(message.signature ?? '');
      } catch (error) {
        expect(error).toBeInstanceOf(BusError);
      }
    }),
    { numRuns: 5000 },
  );
});
