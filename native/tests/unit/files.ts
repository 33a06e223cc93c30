import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files of unit tests that need more than the language, the addon and a little of node:fs, and why. */
export const needNode: Readonly<Record<string, string>> = {
  'src/cli/parse.property.test.ts': 'compares with yargs',
  'src/cli/signals.test.ts': 'compares with the table of Node',
  'src/container/plan-options.test.ts': 'replaces a module',
  'src/container/systemd/dbus/connection.test.ts': 'starts a server',
  'src/container/systemd/dbus/systemd1.test.ts': 'starts a server',
  'src/plan/one-answer.property.test.ts': 'demands how often each outcome was met in thousands of runs',
  'src/plan/odd-values.property.test.ts': 'reads the codes of errors from their source',
  'src/errno.test.ts': 'compares with the table of Node',
};

/** Files whose loops take minutes where every access is checked: only in the long form. */
const slow: readonly string[] = ['src/plan/seccomp/explain.test.ts'];

/** @returns names from the checkout of those that the executable's engine can run; `all`: also of those that take long */
export function testFiles(root: string, all: boolean): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('src', name))
    .filter((name) => name.endsWith('.test.ts') && !Object.hasOwn(needNode, name) && !name.startsWith('src/native/'))
    .filter((name) => all || !slow.includes(name))
    .sort();
}
