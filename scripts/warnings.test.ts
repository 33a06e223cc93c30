import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { warnings } from './warnings.js';

const root = dirname(import.meta.dirname);

test('warnings are errors where the project is tested, and not at a user’s', () => {
  for (const env of [{}, { CI: '' }, { CI: 'false' }, { RUNTS_WERROR: '0' }]) expect(warnings(env)).toEqual(['-Wall', '-Wextra']);
  for (const env of [{ CI: '1' }, { CI: 'true' }, { RUNTS_WERROR: '1' }]) expect(warnings(env)).toContain('-Werror');
});

test('builds get the flags printed', () => {
  const print = (env: Record<string, string>) =>
    execFileSync(process.execPath, [join(root, 'scripts/warnings.js')], { env, encoding: 'utf8' });
  expect(print({})).toBe('-Wall -Wextra\n');
  expect(print({ CI: '1' })).toBe('-Wall -Wextra -Werror\n');
});

test.each(['binding.gyp', 'native/engine/Makefile', 'native/tests/run'])('%s leaves it to that switch', (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  expect(text).not.toContain('-Werror');
  expect(text).toMatch(/WARNINGS|scripts\/warnings\.js/);
});
