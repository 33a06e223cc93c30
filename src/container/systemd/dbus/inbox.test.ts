import { describe, expect, test } from 'vitest';
import { Inbox } from './inbox.ts';
import { encodeCall, type Message } from './message.ts';

const call = (serial: number, size = 10): Uint8Array =>
  encodeCall({ destination: 'a.b', path: '/', interface: 'a.b', member: 'M', signature: 's', arguments: ['x'.repeat(size)] }, serial);

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Serials of the messages when they come in pieces of this size. */
function serials(bytes: Uint8Array, piece: number): number[] {
  const inbox = new Inbox();
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    inbox.push(bytes.subarray(at, at + piece));
    for (let message: Message | undefined = inbox.message(); message; message = inbox.message()) found.push(message.serial);
  }
  return found;
}

describe('what was received', () => {
  const bytes = joined(call(1), call(2, 5000), call(3, 0), call(4, 20_000), call(5));

  test.each([1, 7, 16, 4096, 9000, 100_000])('messages in pieces of %i bytes', (piece) => {
    expect(serials(bytes, piece)).toEqual([1, 2, 3, 4, 5]);
  });

  test('lines, then messages', () => {
    const inbox = new Inbox();
    expect(inbox.line()).toBeUndefined();
    inbox.push(joined(Buffer.from('DATA\r\nOK 12'), new Uint8Array()));
    expect([inbox.line(), inbox.line()]).toEqual(['DATA', undefined]);
    inbox.push(joined(Buffer.from('34\r\n'), call(7)));
    expect([inbox.line(), inbox.message()?.serial, inbox.message()]).toEqual(['OK 1234', 7, undefined]);
  });

  test('a line without an end, and a message that is none, are errors', () => {
    const inbox = new Inbox();
    inbox.push(new Uint8Array(16_385).fill(65));
    expect(() => inbox.line()).toThrow('no end of line');
    expect(() => inbox.message()).toThrow('a byte order of 65');
  });
});
