import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tasks } from './tasks.ts';

const root = join(import.meta.dirname, '..');
const runs = tasks.filter(({ title }) => title.startsWith('real containers with '));

test('of the two runs of the integration suite the first leaves nothing out, and the second what looks at no runtime', () => {
  const [first, second] = runs.map(({ command }) =>
    command.filter((word, index) => word === '--exclude' || command[index - 1] === '--exclude'),
  );
  expect(first).toEqual([]);
  expect(second).toEqual(['--exclude', 'spec-tests/seccomp-oracle/**', '--exclude', 'spec-tests/library/**']);
  // The library is the same, whatever the command is.
  const calls = { 'seccomp-oracle': /harness\/|RUNTIME|clause\(/, library: /RUNTIME|findRuntime/ };
  for (const [folder, call] of Object.entries(calls)) {
    const files = readdirSync(join(root, 'spec-tests', folder)).filter((file) => file.endsWith('.ts'));
    for (const name of files) expect(readFileSync(join(root, 'spec-tests', folder, name), 'utf8'), name).not.toMatch(call);
  }
});
