import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const arch = join(dirname(import.meta.dirname), 'native/core/arch.h');

/** What the compiler says of the header for a processor; nothing is included that another processor's headers would be needed for. */
const compile = (...flags: string[]): string =>
  spawnSync('g++', ['-std=c++20', '-fsyntax-only', '-x', 'c++', ...flags, arch], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
    .stderr;

test('a processor that runts does not know ends compilation in words that say so', () => {
  expect(compile('-w')).toBe('');
  for (const flags of process.arch === 'x64' ? [['-m32'], ['-mx32']] : [['-mabi=ilp32']]) {
    expect(compile(...flags)).toMatch(/error: #error "runts runs on x86_64 and on aarch64/);
  }
});
