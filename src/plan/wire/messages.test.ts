import { expect, test } from 'vitest';
import { EVENT_HEADER_SIZE, EVENT_TEXT_SIZE, readEventHeader } from './messages.ts';

test('the header of an event is read where init writes it, negative numbers and all bytes of the value included', () => {
  const view = new DataView(new ArrayBuffer(8 + EVENT_HEADER_SIZE));
  view.setUint32(8, 7, true);
  view.setUint32(12, 0xffff_ffff, true);
  view.setInt32(16, -2, true);
  view.setUint32(20, 12, true);
  view.setBigUint64(24, 2n ** 40n, true);
  expect(readEventHeader(view, 8)).toEqual({ kind: 7, step: 0xffff_ffff, error: -2, size: 12, value: 2 ** 40 });
});

test('an event with the longest text is one piece in a pipe (PIPE_BUF of pipe(7))', () => {
  expect(EVENT_HEADER_SIZE + EVENT_TEXT_SIZE).toBeLessThanOrEqual(4096);
});
