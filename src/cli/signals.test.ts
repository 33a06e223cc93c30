import { expect, test } from 'vitest';
import { parseSignal } from './signals.ts';

test.each([
  ['9', 9],
  ['0', 0],
  ['64', 64],
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigusr1', 10],
  ['usr2', 12],
  ['Winch', 28],
  ['POLL', 29],
  ['IO', 29],
  ['SYS', 31],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['rtmin+30', 64],
  ['RTMAX', 64],
  ['RTMAX-14', 50],
])('%s is %i', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each([
  '',
  'SIG',
  'BOGUS',
  '65',
  '-1',
  '+9',
  '9 ',
  '0x9',
  '1e1',
  'SIGSIGTERM',
  'RTMIN+31',
  'RTMIN-1',
  'RTMAX+1',
  'RTMIN+',
  'ſigterm',
  'constructor',
])('%j is refused', (text) => {
  expect(() => parseSignal(text)).toThrow(
    expect.objectContaining({ code: 'INVALID_SIGNAL', message: `unknown signal ${JSON.stringify(text)}` }),
  );
});

test('the numbers are those of this kernel', async () => {
  const { constants } = await import('node:os');
  for (const [name, number] of Object.entries(constants.signals)) expect(parseSignal(name), name).toBe(number);
});
