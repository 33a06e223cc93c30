import { expect, test } from 'vitest';
import { intact, mangledArgument } from './utf8.ts';

test('a replacement character that somebody has typed is a character like others', () => {
  // This process has got no other bytes either.
  expect(mangledArgument(['run', 'a\ufffdb'])).toBeUndefined();
});

test.each([undefined, '', '/tmp/häuser'])('%j of the surroundings is taken as it is', (text) => {
  expect(intact('XDG_RUNTIME_DIR', text)).toBe(text);
});

test('what may have been other bytes is refused', () => {
  expect(() => intact('NOTIFY_SOCKET', '/run/\ufffd')).toThrow('NOTIFY_SOCKET "/run/\ufffd" is not valid UTF-8');
});
