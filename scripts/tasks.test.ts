import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tasks } from './tasks.ts';

const root = join(import.meta.dirname, '..');
const runs = tasks.filter(({ title }) => title.startsWith('real containers with '));

test('of the two runs of the integration suite the first leaves nothing out, and the second what is named and there', () => {
  const [first, second] = runs.map(({ command }) =>
    command.filter((word, index) => word === '--exclude' || command[index - 1] === '--exclude'),
  );
  expect(first).toEqual([]);
  const excluded = second?.filter((word) => word !== '--exclude') ?? [];
  expect(excluded.slice(0, 2)).toEqual(['spec-tests/seccomp-oracle/**', 'spec-tests/library/**']);
  for (const pattern of excluded.flatMap(alternatives)) expect(matching(pattern), pattern).not.toEqual([]);
  // The library is the same, whatever the command is.
  const calls = { 'seccomp-oracle': /harness\/|RUNTIME|clause\(/, library: /RUNTIME|findRuntime/ };
  for (const [folder, call] of Object.entries(calls)) {
    const files = readdirSync(join(root, 'spec-tests', folder)).filter((file) => file.endsWith('.ts'));
    for (const name of files) expect(readFileSync(join(root, 'spec-tests', folder, name), 'utf8'), name).not.toMatch(call);
  }
});

/** What the one `{a,b}` of a pattern stands for. */
function alternatives(pattern: string): readonly string[] {
  const [, before = '', inner, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return inner === undefined ? [pattern] : inner.split(',').map((one) => before + one + after);
}

function matching(pattern: string): readonly string[] {
  const [before = '', after = ''] = pattern.replace('**', '*').split('*');
  return readdirSync(join(root, 'spec-tests'), { recursive: true, encoding: 'utf8' })
    .map((file) => `spec-tests/${file}`)
    .filter((file) => (pattern.includes('*') ? file.startsWith(before) && file.endsWith(after) : file === pattern));
}
