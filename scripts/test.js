// `npm test [-- GROUP…]`: makes ready what the groups of tests need (make-ready.js), and runs them (test.ts).
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { searchPath } from './programs.js';
import { testGroups } from './purposes.js';

const groups = process.argv.slice(2);
const unknown = groups.filter((group) => !testGroups.includes(group));
if (unknown.length > 0) {
  console.error(`no such group of tests: ${unknown.join(', ')} (there are ${testGroups.join(', ')})`);
  process.exit(1);
}

process.env.PATH = searchPath();
for (const [program, ...args] of [
  [process.execPath, 'scripts/make-ready.js', ...(groups.length > 0 ? groups : testGroups)],
  ['node_modules/.bin/bun', 'scripts/test.ts', ...groups],
]) {
  const { status } = spawnSync(program, args, { cwd: dirname(import.meta.dirname), stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
