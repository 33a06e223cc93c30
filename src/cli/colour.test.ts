import { expect, test } from 'vitest';
import { plain, styleFor } from './colour.ts';

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [false, { CLICOLOR_FORCE: '1' }, true],
  [false, { CLICOLOR_FORCE: '0' }, false],
  [false, { CLICOLOR_FORCE: '' }, false],
  [true, { CLICOLOR_FORCE: '1', NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
])('on a terminal: %s, with %o: colours %s', (terminal, environment, expected) => {
  expect(styleFor(terminal, environment) !== plain).toBe(expected);
});
