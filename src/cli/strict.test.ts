import { expect, test } from 'vitest';
import { Log } from './log.ts';
import { StrictError, Strictness } from './strict.ts';

function setUp() {
  const written: string[] = [];
  const log = new Log({
    file: undefined,
    stderr: (text) => void written.push(text),
    stderrIsTerminal: false,
    format: 'text',
    now: () => new Date(0),
  });
  return { strictness: new Strictness(log), written };
}

test('what is told before anything is made is refused', () => {
  const { strictness, written } = setUp();
  expect(() => strictness.warn({ code: 'PROCESS_NOT_SAVED', message: 'not saved: 7' })).toThrow(StrictError);
  expect(strictness.status(0)).toBe(0);
  expect(written).toEqual([]);
});

test('what is told of something that has happened is an error, and ends nothing', () => {
  const { strictness, written } = setUp();
  strictness.warn({ code: 'LABEL_NOT_SAVED', message: 'not saved: web' });
  expect(written.join('')).toContain('not saved: web');
  expect([strictness.status(0), strictness.status(7)]).toEqual([1, 7]);
});
