// Makes the executable dist/runts: src/, the JavaScript engine QuickJS and the addon in one file; and dist/runts.node, the addon alone, which Node
// and an executable made by Bun (--bun, or where QuickJS cannot be had) load. --plain: without the image (makePlain).
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleModules, makeExecutable, makePlain } from './engine.js';
import { quickjsSource } from './quickjs.js';
import { run } from './run.js';
import { plain, toolchain } from './toolchain.js';

const root = dirname(import.meta.dirname);
const executable = join(root, 'dist/runts');

// Empty outside a git checkout.
const commit = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

const defines = ['--define', `RUNTS_COMMIT=${JSON.stringify(commit)}`];

/** Whether QuickJS can be had: the executable is slower without it, but there is one. */
function hasQuickjs() {
  try {
    if (process.argv.includes('--bun')) return false;
    quickjsSource();
    return true;
  } catch (error) {
    console.log(`${error.message}\nbuilding with Bun instead, which is slower`);
    return false;
  }
}

/** What QuickJS is preferred to: it starts four milliseconds later, has threads, is twenty times as large and needs the addon beside it. */
function buildWithBun() {
  const flags = [
    '--compile',
    '--bytecode',
    '--minify',
    // cjs with --bytecode leaves a broken executable as soon as a module awaits at top level.
    '--format=esm',
    '--splitting',
    // The working directory is the bundle, which is not trusted: nothing in it may configure the executable.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    ...defines,
  ];
  run(join(root, 'node_modules/.bin/bun'), ['build', ...flags, 'src/main.ts', '--outfile', `${executable}.new`]);
  renameSync(`${executable}.new`, executable);
}

/** A file in use (a runtime that waits for its container) can be replaced by rename, not written to. */
function copyAddon() {
  const addon = join(root, 'dist/runts.node');
  copyFileSync(join(root, 'build/Release/runts.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}

for (const folder of ['build/engine', 'dist']) mkdirSync(join(root, folder), { recursive: true });
if (hasQuickjs()) {
  const modules = bundleModules(defines);
  if (process.argv.includes('--plain')) makePlain(plain, modules, executable);
  else makeExecutable(toolchain(), modules, executable);
} else {
  buildWithBun();
}
copyAddon();
