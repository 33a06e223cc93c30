// Makes the executable dist/runts: src/, the JavaScript engine QuickJS and the addon in one file; and dist/runts.node, the addon alone, which Node
// and an executable made by Bun (--bun, or where QuickJS cannot be had) load.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { quickjs } from './quickjs.js';
import { toolchain } from './toolchain.js';

const root = dirname(import.meta.dirname);
const work = join(root, 'build/engine');
const modules = join(work, 'modules');
const engine = join(root, 'native/engine');
const executable = join(root, 'dist/runts');

/** Silent unless it fails, `tries` times. */
function run(command, args, tries = 1) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) return;
  if (tries > 1) return run(command, args, tries - 1);
  process.stderr.write(stdout + stderr);
  process.exit(status ?? 1);
}

// Empty outside a git checkout.
const commit = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

const defines = ['--define', `RUNTS_COMMIT=${JSON.stringify(commit)}`];

/** src/ in ES modules; splitting keeps what only help and error paths import out of the start of every other call. */
function bundle() {
  rmSync(modules, { recursive: true, force: true });
  run(join(root, 'node_modules/.bin/bun'), [
    'build',
    'src/engine/globals.ts',
    'src/engine/main.ts',
    '--outdir',
    modules,
    '--target=browser',
    '--format=esm',
    '--splitting',
    '--minify',
    ...defines,
    '--define',
    'import.meta.url=undefined',
  ]);
}

const tools = toolchain();

/** QuickJS, or undefined where it cannot be had: the executable is slower then, but there is one. */
function findQuickjs() {
  try {
    if (process.argv.includes('--bun')) return undefined;
    return quickjs(tools);
  } catch (error) {
    console.log(`${error.message}\nbuilding with Bun instead, which is slower`);
    return undefined;
  }
}

const engineFiles = findQuickjs();

/** The executable without its image, and the compiler of modules. @returns the folder they are in */
function compileEngine() {
  const { include, library } = engineFiles;
  const { nodedir } = JSON.parse(readFileSync(join(root, 'build/config.gypi'), 'utf8').replace(/^#.*$/gm, '')).variables;
  const headers = [...tools.includes, '-isystem', join(nodedir, 'include/node'), '-isystem', join(root, 'node_modules/node-addon-api')];
  const out = join(work, tools.name);
  mkdirSync(out, { recursive: true });
  const variables = {
    OUT: out,
    CXX: tools.cxx.join(' '),
    INCLUDES: headers.join(' '),
    LINK: [...tools.link, ...(process.env.RUNTS_SYMBOLS ? [] : ['-s'])].join(' '),
    EXTRA: tools.extra.join(' '),
    QUICKJS: library,
    QUICKJS_INCLUDE: include,
    INIT: join(root, 'build/Release/init'),
  };
  run('make', ['--silent', '-C', engine, `-j${availableParallelism()}`, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]);
  return out;
}

function compileModules(out) {
  // The globals first: the others use them as soon as they are loaded.
  const names = readdirSync(modules).sort((a, b) => Number(b === 'globals.js') - Number(a === 'globals.js'));
  run(join(out, 'compile'), [join(work, 'modules.bin'), ...names.map((name) => join(modules, name))]);
}

function buildWithQuickjs() {
  bundle();
  const out = compileEngine();
  const [empty, image] = [join(out, 'empty'), join(out, 'image')];
  compileModules(out);
  run(empty, [join(work, 'modules.bin'), image], 5);
  run('objcopy', ['--update-section', `.runts_image=${image}`, empty, `${executable}.new`]);
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
}

/** A file in use (a runtime that waits for its container) can be replaced by rename, not written to. */
function install() {
  const addon = join(root, 'dist/runts.node');
  copyFileSync(join(root, 'build/Release/runts.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
  renameSync(`${executable}.new`, executable);
}

mkdirSync(work, { recursive: true });
mkdirSync(join(root, 'dist'), { recursive: true });
if (engineFiles === undefined) buildWithBun();
else buildWithQuickjs();
install();
