import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode, type MessageFields } from './message.ts';

const inner = { name: { number: 1, type: 'string' }, number: { number: 2, type: 'int32' } } as const satisfies MessageFields;
const fields = {
  flag: { number: 1, type: 'bool' },
  words: { number: 2, type: 'string', repeated: true },
  inner: { number: 3, type: inner, repeated: true },
  count: { number: 1000, type: 'uint32' },
  signed: { number: 16, type: 'int32' },
} as const satisfies MessageFields;

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.string({ unit: fc.constantFrom('a', '\0', 'é', '€', '𝄞', '\u{10ffff}') });
const messages = fc.record(
  {
    flag: fc.boolean(),
    words: fc.array(text, { minLength: 1 }),
    inner: fc.array(fc.record({ name: text, number: int32 }, { requiredKeys: [] }), { minLength: 1 }),
    count: uint32,
    signed: int32,
  },
  { requiredKeys: [] },
);

test('every message is read as it was written', () => {
  fc.assert(fc.property(messages, (message) => void expect(decode(fields, encode(fields, message))).toEqual(message)));
});

test('any bytes are a message, or refused by a RangeError, and cost no more than they are long', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decode(fields, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});
