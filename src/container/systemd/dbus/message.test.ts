import { describe, expect, test } from 'vitest';
import type { BusValue } from '../../../spec/unit-properties.ts';
import { Marshaller } from './marshal.ts';
import { decodeMessage, encodeCall, messageSize } from './message.ts';
import { completeTypes } from './signature.ts';
import { Unmarshaller } from './unmarshal.ts';

/** "6c 01 'abc'" as bytes. */
function bytes(text: string): Uint8Array {
  const parts = text.match(/'[^']*'|[0-9a-f]{2}/g) ?? [];
  return Uint8Array.from(
    parts.flatMap((part) => (part.startsWith("'") ? [...Buffer.from(part.slice(1, -1))] : [Number.parseInt(part, 16)])),
  );
}

const marshal = (signature: string, values: readonly BusValue[]): Uint8Array => {
  const out = new Marshaller();
  out.members(completeTypes(signature), values);
  return out.take();
};

describe('values as bytes', () => {
  const table: readonly (readonly [signature: string, values: readonly BusValue[], expected: string])[] = [
    ['y', [255], 'ff'],
    ['b', [true], '01 00 00 00'],
    ['nq', [-2, 65535], 'fe ff ff ff'],
    ['yi', [1, -1], '01 00 00 00 ff ff ff ff'],
    ['u', [4294967295], 'ff ff ff ff'],
    ['x', [-2n], 'fe ff ff ff ff ff ff ff'],
    ['t', [(1n << 64n) - 1n], 'ff ff ff ff ff ff ff ff'],
    ['yt', [1, 1n << 63n], '01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 80'],
    ['d', [1.5], '00 00 00 00 00 00 f8 3f'],
    ['s', ['fö'], "03 00 00 00 'fö' 00"],
    ['o', ['/a/b_1'], "06 00 00 00 '/a/b_1' 00"],
    ['g', ['a{sv}'], "05 'a{sv}' 00"],
    ['v', [['u', 7]], "01 'u' 00 00 07 00 00 00"],
    ['yv', [1, ['t', 7n]], "01 01 't' 00 00 00 00 00 07 00 00 00 00 00 00 00"],
    ['as', [['a', 'b']], "0e 00 00 00 01 00 00 00 'a' 00 00 00 01 00 00 00 'b' 00"],
    ['at', [[]], '00 00 00 00 00 00 00 00'],
    ['ay', [Uint8Array.of(1, 2, 3)], '03 00 00 00 01 02 03'],
    ['(ys)', [[1, 'a']], "01 00 00 00 01 00 00 00 'a' 00"],
    ['a(sv)', [[['PIDs', ['au', [5]]]]], "18 00 00 00 00 00 00 00 04 00 00 00 'PIDs' 00 02 'au' 00 00 00 00 04 00 00 00 05 00 00 00"],
    ['a{yb}', [[[9, false]]], '08 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00'],
  ];

  test.each(table)('%s %#', (signature, values, expected) => {
    expect(marshal(signature, values)).toEqual(bytes(expected));
    const reader = new Unmarshaller(bytes(expected), true, 0);
    expect(reader.values(signature)).toEqual(values);
    reader.end();
  });

  test('numbers do for 64 bits', () => {
    expect(marshal('xt', [-1, 2])).toEqual(marshal('xt', [-1n, 2n]));
  });

  test('a large value moves what is before it', () => {
    const [text, long] = ['x'.repeat(5_000), new Uint8Array(10_000).fill(7)];
    expect(new Unmarshaller(marshal('ysayut', [1, text, long, 5, 6n]), true, 0).values('ysayut')).toEqual([1, text, long, 5, 6n]);
  });

  test.each<readonly [string, BusValue, string]>([
    ['y', 256, 'ERANGE'],
    ['y', -1, 'ERANGE'],
    ['i', 2147483648, 'ERANGE'],
    ['t', -1, 'ERANGE'],
    ['x', 1n << 63n, 'ERANGE'],
    ['u', 1.5, 'EINVAL'],
    ['u', Number.NaN, 'EINVAL'],
    ['u', '1', 'EINVAL'],
    ['b', 1, 'EINVAL'],
    ['d', 1n, 'EINVAL'],
    ['s', 1, 'EINVAL'],
    ['s', 'a\0b', 'EINVAL'],
    ['o', 'a', 'EINVAL'],
    ['o', '/a/', 'EINVAL'],
    ['g', 'a', 'EINVAL'],
    ['v', 's', 'EINVAL'],
    ['v', ['ss', 'a'], 'EINVAL'],
    ['v', ['s'], 'EINVAL'],
    ['v', ['s', 'a', 'b'], 'EINVAL'],
    ['as', 'a', 'EINVAL'],
    ['(ss)', ['a'], 'EINVAL'],
    ['h', 1, 'EINVAL'],
  ])('no %s, %#', (type, value, code) => {
    expect(() => marshal(type, [value])).toThrow(expect.objectContaining({ code }));
  });

  test('variants within each other have an end', () => {
    let nested: BusValue = ['y', 1];
    for (let depth = 0; depth < 64; depth++) nested = ['v', nested];
    expect(() => marshal('v', [nested])).toThrow('nested too deeply');
    const deep = bytes(`${"01 'v' 00 ".repeat(64)} 01 'y' 00 01`);
    expect(() => new Unmarshaller(deep, true, 0).values('v')).toThrow('nested too deeply');
  });
});

describe('values of the other order', () => {
  test.each<readonly [string, string, BusValue]>([
    ['u', '00 00 00 07', 7],
    ['n', 'ff fe', -2],
    ['i', 'ff ff ff fe', -2],
    ['q', '01 00', 256],
    ['x', 'ff ff ff ff ff ff ff fe', -2n],
    ['t', '00 00 00 01 00 00 00 02', 0x1_0000_0002n],
    ['d', '3f f8 00 00 00 00 00 00', 1.5],
    ['s', "00 00 00 01 'a' 00", 'a'],
    ['ay', '00 00 00 02 01 02', Uint8Array.of(1, 2)],
    ['h', '00 00 00 01', 1],
  ])('%s', (type, text, value) => {
    expect(new Unmarshaller(bytes(text), false, 0).values(type)).toEqual([value]);
  });
});

describe('bytes that are no values', () => {
  test.each([
    ['u', '01 00 00', 'it ends within a value'],
    ['b', '02 00 00 00', 'a boolean of 2'],
    ['yu', '01 00 01 00 01 00 00 00', 'padding that is not zero'],
    ['s', "05 00 00 00 'a' 00", 'it ends within a value'],
    ['s', 'ff ff ff ff 00', 'it ends within a value'],
    ['s', "01 00 00 00 'a' 01", 'does not end with its NUL'],
    ['s', "03 00 00 00 'a' 00 'a' 00", 'does not end with its NUL'],
    ['s', '01 00 00 00 ff 00', 'is not UTF-8'],
    ['o', "01 00 00 00 'a' 00", 'an object path "a"'],
    ['g', "01 'a' 00", 'ends within a type'],
    ['v', "02 'ss' 00", 'is not one complete type'],
    ['v', '00 00', 'is not one complete type'],
    ['au', '05 00 00 00 01 00 00 00 02 00 00 00', 'ends within an element'],
    ['au', 'ff ff ff ff', 'an array of 4294967295 bytes'],
    ['ay', '01 00 00 04 00', 'an array of 67108865 bytes'],
    ['ay', '00 00 00 04 00', 'it ends within a value'],
    ['as', "08 00 00 00 01 00 00 00 'a' 00 00", 'it ends within a value'],
    ['y', '01 01', 'bytes after its last value'],
  ])('%s of %s', (signature, text, why) => {
    const read = () => {
      const reader = new Unmarshaller(bytes(text), true, 0);
      reader.values(signature);
      reader.end();
    };
    expect(read).toThrow(why);
  });
});

describe('messages', () => {
  const hello = { destination: 'org.b', path: '/o', interface: 'org.i', member: 'M', signature: 's', arguments: ['x'] };
  const fields = [
    "01 01 'o' 00 02 00 00 00 '/o' 00 00 00 00 00 00",
    "02 01 's' 00 05 00 00 00 'org.i' 00 00 00",
    "03 01 's' 00 01 00 00 00 'M' 00 00 00 00 00 00 00",
    "06 01 's' 00 05 00 00 00 'org.b' 00 00 00",
    "08 01 'g' 00 01 's' 00",
  ];
  const encoded = bytes(`6c 01 00 01 06 00 00 00 09 00 00 00 47 00 00 00 ${fields.join(' ')} 00 01 00 00 00 'x' 00`);

  test('a call', () => {
    expect(encodeCall(hello, 9)).toEqual(encoded);
    expect(messageSize(encoded)).toBe(encoded.length);
    const { type, serial, body, ...named } = decodeMessage(encoded);
    expect([type, serial, body('s')]).toEqual([1, 9, ['x']]);
    expect(named).toEqual({ destination: 'org.b', path: '/o', interface: 'org.i', member: 'M', signature: 's' });
    expect(() => body('u')).toThrow('its signature is "s", not "u"');
  });

  test('an error of the other order, with a field that is not known', () => {
    const header = "42 03 01 01 00 00 00 00 00 00 00 05 00 00 00 2d 05 01 'u' 00 00 00 00 09 04 01 's' 00 00 00 00 03 'a.b' 00 00 00 00 00";
    const message = bytes(`${header} 07 01 's' 00 00 00 00 02 ':1' 00 00 00 00 00 00 0b 01 'y' 00 07 00 00 00`);
    const { type, serial, errorName, replySerial, sender, body } = decodeMessage(message);
    expect({ type, serial, errorName, replySerial, sender }).toEqual({
      type: 3,
      serial: 5,
      errorName: 'a.b',
      replySerial: 9,
      sender: ':1',
    });
    expect(body('')).toEqual([]);
  });

  test.each([
    ['78 01 00 01 00 00 00 00 01 00 00 00 00 00 00 00', 'a byte order of 120'],
    ['6c 02 00 02 00 00 00 00 01 00 00 00 00 00 00 00', 'version 2 of the protocol'],
    ['6c 02 00 01 00 00 00 08 01 00 00 00 00 00 00 00', 'longer than 134217728 bytes'],
    ['6c 02 00 01 00 00 00 00 01 00 00 00 00 00 00 08', 'longer than 134217728 bytes'],
    ['6c 02 00 01 ff ff ff ff 01 00 00 00 ff ff ff ff', 'longer than 134217728 bytes'],
    ['6c 02 00 01 00 00 00 00 01 00 00 00 08 00 00 00', 'its size is not what the header says'],
    ['6c 02 00 01 00', 'its size is not what the header says'],
    ['6c 02 00 01 00 00 00 00 01 00 00 00 00 00 00 00', 'the header field replySerial is missing'],
    ['6c 00 00 01 00 00 00 00 01 00 00 00 00 00 00 00', 'its type or serial is 0'],
    ['6c 02 00 01 00 00 00 00 00 00 00 00 00 00 00 00', 'its type or serial is 0'],
    ["6c 02 00 01 00 00 00 00 01 00 00 00 06 00 00 00 05 01 'q' 00 01 00 00 00", 'the header field replySerial is of type "q"'],
    ["6c 02 00 01 00 00 00 00 01 00 00 00 08 00 00 00 05 02 'uu' 00 01 00 00", 'is not one complete type'],
  ])('%s is none', (text, why) => {
    expect(() => decodeMessage(bytes(text))).toThrow(why);
  });
});
