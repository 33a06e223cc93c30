// What the executable is compiled with: against musl (Debian: musl-tools), and then it is one static file that starts in a third of the time,
// because there is no dynamic linker and glibc asks the processor a hundred questions, which a virtual machine answers slowly. Or, for who asks
// for it, against the C library of the system.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { hostedInit } from './hosted-init.js';

const root = dirname(import.meta.dirname);
const shims = join(root, 'native/musl');

/** Where g++ looks for headers, first to last. */
function headerFolders() {
  const { stderr } = spawnSync('g++', ['-E', '-x', 'c++', '-v', '/dev/null'], { encoding: 'utf8' });
  const [, list = ''] = /^#include <...>[^\n]*\n(.*?)^End of search list/ms.exec(stderr) ?? [];
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** To fixed addresses, which the image of the executable relies on (native/engine/image.h). */
const fixed = { code: ['-fno-pie'], linkage: ['-no-pie'] };

const compilers = ['ar', 'g++', 'gcc', 'make', 'objcopy'];

/**
 * The programs it needs (programs.js), the compilers' command lines, folders of headers, the linker's flags, and lists of sources (cpp-sources.js) of what the C library lacks.
 * A function: without a compiler there are no folders to ask it for.
 */
export function musl() {
  const folders = headerFolders();
  const isCxx = (folder) => folder.includes('/c++/');
  return {
    ...fixed,
    name: 'musl',
    programs: [...compilers, 'musl-gcc'],
    cc: ['musl-gcc'],
    cxx: ['env', 'REALGCC=g++', 'musl-gcc', '-include', join(shims, 'libstdc++.h'), '-isystem', shims],
    // libstdc++ in front of musl, as musl-gcc knows nothing of it; behind it those of the kernel.
    includes: [
      ...folders.filter(isCxx).flatMap((folder) => ['-isystem', folder]),
      ...folders.filter((folder) => !isCxx(folder) && !folder.includes('/gcc/')).flatMap((folder) => ['-idirafter', folder]),
    ],
    link: ['-static'],
    extra: ['musl'],
  };
}

export const glibc = {
  ...fixed,
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
