// Makes the executable's parts by native/engine/Makefile: the JavaScript engine with the addon, and the image of src/ in it.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { makeImage } from './image.js';
import { knownLibrary, quickjsLibrary, quickjsSource, untrainedLibrary } from './quickjs.js';
import { run } from './run.js';
import { train, trainingModule } from './training.js';
import { warnings } from './warnings.js';

const root = dirname(import.meta.dirname);
const work = join(root, 'build/engine');

/** src/ in ES modules; splitting keeps what only help and error paths import out of the start of every other call. @returns their folder */
export function bundleModules(flags, modules = join(work, 'modules')) {
  rmSync(modules, { recursive: true, force: true });
  const entries = ['src/engine/globals.ts', 'src/engine/main.ts'];
  // Node as the target of none: a browser's bundle would preload modules by itself.
  const format = ['--target=node', '--format=esm', '--splitting', '--minify', '--define', 'import.meta.url=undefined'];
  run(join(root, 'node_modules/.bin/bun'), ['build', ...entries, '--outdir', modules, ...format, ...flags]);
  return modules;
}

/** A target of the Makefile, linked with this library of QuickJS. @returns its path */
function make(tools, target, library, more = {}) {
  const { nodedir } = JSON.parse(readFileSync(join(root, 'build/config.gypi'), 'utf8').replace(/^#.*$/gm, '')).variables;
  const headers = [...tools.includes, '-isystem', join(nodedir, 'include/node'), '-isystem', join(root, 'node_modules/node-addon-api')];
  const out = join(work, tools.name);
  const variables = {
    OUT: out,
    CXX: tools.cxx.join(' '),
    ASSEMBLE: tools.assemble.join(' '),
    INCLUDES: headers.join(' '),
    LINK: [...tools.link, ...(process.env.RUNTS_SYMBOLS || tools.symbols ? [] : ['-s'])].join(' '),
    SOURCES: cppSources('addon', 'engine', ...tools.extra).join(' '),
    TRAIN: cppSources('train').join(' '),
    COMPILE: cppSources('compile').join(' '),
    QUICKJS: library,
    QUICKJS_INCLUDE: quickjsSource(),
    INIT: tools.init?.() ?? join(root, 'build/Release/init'),
    WARNINGS: warnings().join(' '),
    CODE: tools.code.join(' '),
    ROOT: root,
    LINKAGE: tools.linkage.join(' '),
    ...more,
  };
  const file = join(out, target);
  // The library may be another one than the last time, and older than what was linked then.
  rmSync(file, { force: true });
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  run('make', ['--silent', '-C', join(root, 'native/engine'), `-j${availableParallelism()}`, file, ...assignments]);
  return file;
}

/** Bytecode is the same for every processor of ours: where the engine's is another, this machine's own engine makes it. */
function compileModules(tools, modules, library, table = join(work, 'modules.bin')) {
  if (tools.host) {
    const host = tools.host();
    return compileModules(host, modules, knownLibrary(host) ?? plainLibrary(host), table);
  }
  // First the globals, which the others use as soon as they are loaded.
  const place = (name) => ['globals.js', 'training.js', name].indexOf(name);
  const names = readdirSync(modules).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  run(make(tools, 'compile', library), [table, ...names.map((name) => join(modules, name))]);
  return table;
}

/** Lets the program fill its image, and puts the image into a copy of it. */
function fillImage(tools, program, table, executable, immortal = true) {
  const image = join(work, 'image');
  makeImage(program, table, image, immortal ? [] : ['mortal'], tools.machine?.runAll);
  const [objcopy, ...args] = tools.objcopy;
  run(objcopy, [...args, '--update-section', `.runts_image=${image}`, program, executable]);
}

/** QuickJS as its authors' flags make it; beside the trained one of the same tools. */
const plainLibrary = (tools) => untrainedLibrary({ ...tools, name: `${tools.name}-untrained` });

/** QuickJS, trained by the commands of a host that is made up. */
function trainedLibrary(tools, modules) {
  return quickjsLibrary(tools, (counting, forgetCounts) => {
    const trainee = join(work, 'trainee');
    const training = join(modules, 'training.js');
    writeFileSync(training, trainingModule());
    fillImage(tools, make(tools, 'train', counting), compileModules(tools, modules, counting), trainee);
    rmSync(training);
    forgetCounts();
    (tools.machine?.train ?? train)(trainee);
  });
}

/**
 * @param tools see toolchain.js
 * @param modules folder of the ES modules
 * @param executable path of what is made
 * @param build whether QuickJS is trained, and whether the counts of the image are immortal
 * @throws Error when QuickJS cannot be had here
 */
export function makeExecutable(tools, modules, executable, { trained, immortal }) {
  const library = trained ? trainedLibrary(tools, modules) : plainLibrary(tools);
  fillImage(tools, make(tools, 'empty', library), compileModules(tools, modules, library), `${executable}.new`, immortal);
  renameSync(`${executable}.new`, executable);
}

/**
 * An executable without an image, which loads its modules in every call: for debugging, for who insists on position independent code, and to
 * tell what the image brings.
 * @param tools `plain` or `sanitized` of toolchain.js, or those of an executable with an image
 */
export function makePlain(tools, modules, executable, { trained } = { trained: false }) {
  const library = trained ? trainedLibrary(tools, modules) : plainLibrary(tools);
  const table = compileModules(tools, modules, library, `${executable}.modules`);
  renameSync(make(tools, 'plain', library, { MODULES: table }), executable);
  rmSync(table);
}
