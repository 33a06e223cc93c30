// Makes the executable dist/runts: src/, the JavaScript engine QuickJS and the addon in one file; and dist/runts.node, the addon alone, which Node
// and an executable made by Bun load. What it needs and cannot have fails the build: nothing slower comes instead unless it is asked for, by
//   --glibc      against the C library of the system in place of musl
//   --plain      the same, without the image (makePlain) and position independent: src/ is loaded in every call
//   --imageless, --mortal, --untrained
//                without that part alone (builds.js), to tell what it brings
//   --sanitize   as --plain, with AddressSanitizer and UndefinedBehaviorSanitizer, to dist/runts-sanitized
//   --bun        with Bun in place of QuickJS
//   --arch       for another processor, to dist/runts-aarch64: --arch aarch64
//   --output     another file than dist/runts
// on the command line or, for `npm test` and the like, in the environment: RUNTS_BINARY=--glibc npm test.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildOf, describe, isForeign, lacking } from './builds.js';
import { bundleModules, makeExecutable, makePlain } from './engine.js';
import { needPrograms } from './programs.js';
import { quickjsSource } from './quickjs.js';
import { run } from './run.js';
import { Unavailable } from './unavailable.js';

const root = dirname(import.meta.dirname);

// Empty outside a git checkout.
const commit = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

const defines = ['--define', `RUNTS_COMMIT=${JSON.stringify(commit)}`];

/** What QuickJS is preferred to: it starts four milliseconds later, has threads, is twenty times as large and needs the addon beside it. */
function buildWithBun(executable) {
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

function buildWithQuickjs(options, executable) {
  const build = buildOf(options);
  let tools;
  try {
    tools = build.tools();
    needPrograms(...tools.programs);
    quickjsSource();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    if (isForeign(options)) throw new Unavailable(`dist/runts-${options.arch} cannot be built: ${error.message}`);
    throw new Unavailable(`dist/runts cannot be built: ${error.message}
or build a slower one: npm run build:binary -- ${tools?.name === 'musl' ? '--glibc (without musl), or --bun (also without QuickJS)' : '--bun'}`);
  }
  const modules = bundleModules(defines);
  if (build.image) makeExecutable(tools, modules, executable, build);
  else makePlain(tools, modules, executable, build);
  console.log(`${executable}: ${describe(options)}`);
}

/** A file in use (a runtime that waits for its container) can be replaced by rename, not written to. */
function copyAddon() {
  const addon = join(root, 'dist/runts.node');
  copyFileSync(join(root, 'build/Release/runts.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}

function build() {
  const { values: options } = parseArgs({
    args: [...(process.env.RUNTS_BINARY?.split(/\s+/).filter(Boolean) ?? []), ...process.argv.slice(2)],
    options: {
      ...Object.fromEntries(Object.keys(lacking).map((name) => [name, { type: 'boolean' }])),
      bun: { type: 'boolean' },
      sanitize: { type: 'boolean' },
      arch: { type: 'string' },
      output: { type: 'string' },
    },
  });
  for (const folder of ['build/engine', 'dist']) mkdirSync(join(root, folder), { recursive: true });
  const executable = resolve(
    options.output ??
      join(root, isForeign(options) ? `dist/runts-${options.arch}` : options.sanitize ? 'dist/runts-sanitized' : 'dist/runts'),
  );
  if (options.bun) buildWithBun(executable);
  else buildWithQuickjs(options, executable);
  // Node's addon for another processor is built there, by npm.
  if (!isForeign(options)) copyAddon();
}

try {
  build();
} catch (error) {
  console.error(error.message);
  process.exitCode = error instanceof Unavailable ? Unavailable.status : 1;
}
