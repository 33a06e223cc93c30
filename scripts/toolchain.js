// What the executable is compiled with: against musl (Debian: musl-tools), and then it is one static file that starts in a third of the time,
// because there is no dynamic linker and glibc asks the processor a hundred questions, which a virtual machine answers slowly. Or, for who asks
// for it, against the C library of the system.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { crossCompiler } from './aarch64/compiler.js';
import { runAll, trainThere } from './aarch64/machine.js';
import { cppSources } from './cpp-sources.js';
import { hostedInit } from './hosted-init.js';
import { initFlags } from './init-flags.js';
import { run } from './run.js';
import { warnings } from './warnings.js';

const root = dirname(import.meta.dirname);
const shims = join(root, 'native/musl');

/** Where a compiler looks for headers, first to last. */
function headerFolders([program, ...args]) {
  const { stderr } = spawnSync(program, [...args, '-E', '-x', 'c++', '-v', '/dev/null'], { encoding: 'utf8' });
  const [, list = ''] = /^#include <...>[^\n]*\n(.*?)^End of search list/ms.exec(stderr) ?? [];
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((folder) => normalize(folder));
}

const isCxx = (folder) => folder.includes('/c++/');

/** libstdc++ in front of musl, whose compiler knows nothing of it; behind it the headers of the kernel. */
const muslIncludes = (folders) => [
  ...folders.filter(isCxx).flatMap((folder) => ['-isystem', folder]),
  ...folders.filter((folder) => !isCxx(folder) && !/\/gcc(-cross)?\//.test(folder)).flatMap((folder) => ['-idirafter', folder]),
];

const muslHeaders = ['-include', join(shims, 'libstdc++.h'), '-isystem', shims];

/** To fixed addresses, which the image of the executable relies on (native/engine/image.h). */
const fixed = { code: ['-fno-pie'], linkage: ['-no-pie'] };

const compilers = ['ar', 'g++', 'gcc', 'make', 'objcopy'];

const binutils = { assemble: ['gcc'], ar: ['ar'], objcopy: ['objcopy'] };

/**
 * The programs it needs (programs.js), the compilers' command lines, folders of headers, the linker's flags, and lists of sources (cpp-sources.js) of what the C library lacks.
 * A function: without a compiler there are no folders to ask it for.
 */
export function musl() {
  return {
    ...fixed,
    ...binutils,
    name: 'musl',
    programs: [...compilers, 'musl-gcc'],
    cc: ['musl-gcc'],
    cxx: ['env', 'REALGCC=g++', 'musl-gcc', ...muslHeaders],
    includes: muslIncludes(headerFolders(['g++'])),
    link: ['-static'],
    extra: ['musl'],
  };
}

/** init for another processor, which node-gyp does not compile for. */
function crossInit({ gxx, code }) {
  const file = join(root, 'build/engine/aarch64/init');
  mkdirSync(dirname(file), { recursive: true });
  const [program, ...args] = gxx;
  run(program, [...args, ...initFlags(), ...warnings(), ...code, ...cppSources('init'), '-o', file]);
  return file;
}

/**
 * As `musl`, for aarch64 from a machine that is none. `machine`: where what is built runs, when the build has to run it; `host`: the tools
 * for what need not be of that processor.
 */
export function aarch64() {
  const cross = crossCompiler(join(root, 'build/engine/aarch64'));
  return {
    ...fixed,
    name: 'aarch64',
    processor: 'aarch64',
    programs: [...compilers, 'musl-gcc'],
    code: [...fixed.code, ...cross.code],
    assemble: cross.gcc,
    ar: cross.ar,
    objcopy: cross.objcopy,
    cc: [...cross.gcc, ...cross.musl],
    cxx: [...cross.gxx, ...cross.musl, ...muslHeaders],
    includes: muslIncludes(headerFolders(cross.gxx).filter(cross.isOwn)),
    link: ['-static'],
    extra: ['musl'],
    init: () => crossInit(cross),
    machine: { runAll, train: trainThere },
    host: musl,
  };
}

export const glibc = {
  ...fixed,
  ...binutils,
  name: 'glibc',
  programs: compilers,
  cc: ['gcc'],
  cxx: ['g++'],
  includes: [],
  link: ['-static-libstdc++', '-static-libgcc', '-Wl,--as-needed'],
  extra: [],
};

/** For an executable without an image: position independent, against the C library of the system. */
export const plain = { ...glibc, name: 'plain', code: ['-fPIE'], linkage: ['-pie'] };

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g'];

/** Each report of a sanitizer is a file whose name begins with this. */
export const sanitizerReports = join(root, 'build/sanitizer-reports/report');

/** The same, whose every access to memory is checked. */
export const sanitized = {
  ...plain,
  name: 'sanitized',
  // After the flags of others: checks of every access take minutes to be optimised further.
  code: [...plain.code, '-O1'],
  init: hostedInit,
  symbols: true,
  cc: ['gcc', ...sanitizers],
  cxx: ['g++', ...sanitizers],
};
