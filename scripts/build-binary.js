// Makes the single executable dist/runts, with the addon beside it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');

// Empty outside a git checkout.
const commit = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

const flags = [
  '--compile',
  '--bytecode',
  '--minify',
  // cjs with --bytecode leaves a broken executable as soon as a module awaits at top level.
  '--format=esm',
  // Keeps what only help and error paths import out of the start of every other call.
  '--splitting',
  // The working directory is the bundle, which is not trusted: nothing in it may configure the executable.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--define',
  `RUNTS_COMMIT=${JSON.stringify(commit)}`,
];

mkdirSync(dist, { recursive: true });
const { status } = spawnSync(join(root, 'node_modules/.bin/bun'), ['build', ...flags, 'src/main.ts', '--outfile', 'dist/runts.new'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

/** A file in use (a runtime that waits for its container) can be replaced by rename, not written to. */
function replace(from, to) {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}
replace(join(root, 'build/Release/runts.node'), join(dist, 'runts.node'));
renameSync(join(dist, 'runts.new'), join(dist, 'runts'));
