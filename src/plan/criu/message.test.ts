import { describe, expect, test } from 'vitest';
import { decode, encode } from './message.ts';
import { decodeResponse, encodeRequest, typeName } from './rpc.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const inner = { name: { number: 1, type: 'string' }, number: { number: 2, type: 'int32' } } as const;
const fields = {
  flag: { number: 1, type: 'bool' },
  words: { number: 2, type: 'string', repeated: true },
  inner: { number: 3, type: inner, repeated: true },
  count: { number: 16, type: 'uint32' },
} as const;

describe('messages', () => {
  test('are written by number and wire type', () => {
    expect(hex(encode(fields, { flag: true }))).toBe('0801');
    expect(hex(encode(fields, { words: ['a', ''] }))).toBe('1201611200');
    expect(hex(encode(fields, { inner: [{ name: 'é', number: -1 }] }))).toBe('1a0f0a02c3a910ffffffffffffffffff01');
    expect(hex(encode(fields, { count: 300 }))).toBe('8001ac02');
  });

  test('are read as they were written', () => {
    const message = { flag: false, words: ['x', 'y'], inner: [{ name: 'n', number: -7 }, {}], count: 4_294_967_295 };
    expect(decode(fields, encode(fields, message))).toEqual(message);
    expect(decode(fields, new Uint8Array())).toEqual({});
  });

  test('fields that no table has, or that come in another type, are skipped', () => {
    expect(decode(fields, bytes('0801fa010161'))).toEqual({ flag: true });
    expect(decode(fields, bytes('0a01610801'))).toEqual({ flag: true });
  });

  test('bytes that are none are refused', () => {
    for (const text of ['08', '12ff', '1205', '07']) expect(() => decode(fields, bytes(text))).toThrow();
    expect(() => encode(fields, { count: -1 })).toThrow();
  });
});

describe('the protocol of CRIU', () => {
  test('a request for the version, and its answer', () => {
    expect(hex(encodeRequest({ type: 10, keep_open: true }))).toBe('080a2001');
    expect(decodeResponse(bytes('080a10015206080410012001'))).toEqual({
      type: 10,
      success: true,
      version: { major_number: 4, minor_number: 1, sublevel: 1 },
    });
  });

  test('types have names', () => {
    expect([1, 2, 4, 99, undefined].map(typeName)).toEqual(['DUMP', 'RESTORE', 'PRE_DUMP', '99', 'undefined']);
  });
});
