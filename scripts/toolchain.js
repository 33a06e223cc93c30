// What the executable is compiled with: against musl, where its development files are (Debian: musl-tools), and then it is one static file that
// starts in a third of the time, because there is no dynamic linker and glibc asks the processor a hundred questions, which a virtual machine
// answers slowly. Else against the C library of the system.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

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

/** The compilers' command lines, folders of headers, the linker's flags, and sources for what the C library lacks. */
function musl() {
  const folders = headerFolders();
  const isCxx = (folder) => folder.includes('/c++/');
  return {
    ...fixed,
    name: 'musl',
    cc: ['musl-gcc'],
    cxx: ['env', 'REALGCC=g++', 'musl-gcc', '-include', join(shims, 'libstdc++.h'), '-isystem', shims],
    // libstdc++ in front of musl, as musl-gcc knows nothing of it; behind it those of the kernel.
    includes: [
      ...folders.filter(isCxx).flatMap((folder) => ['-isystem', folder]),
      ...folders.filter((folder) => !isCxx(folder) && !folder.includes('/gcc/')).flatMap((folder) => ['-idirafter', folder]),
    ],
    link: ['-static'],
    extra: ['libgcc', 'malloc', 'open', 'string'].map((name) => `../musl/${name}.cc`),
  };
}

const glibc = {
  ...fixed,
  name: 'glibc',
  cc: ['gcc'],
  cxx: ['g++'],
  includes: [],
  link: ['-static-libstdc++', '-static-libgcc', '-Wl,--as-needed'],
  extra: [],
};

/** The toolchain of this machine; --glibc asks for the system's. */
export function toolchain() {
  const { status } = spawnSync('musl-gcc', ['--version'], { stdio: 'ignore' });
  if (status === 0 && !process.argv.includes('--glibc')) return musl();
  console.log('linking against the C library of the system: install musl-tools for an executable that starts three times as fast');
  return glibc;
}

/** For an executable without an image: position independent, against the C library of the system. */
export const plain = { ...glibc, name: 'plain', code: ['-fPIE'], linkage: ['-pie'] };

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g'];

/** The same, whose every access to memory is checked. */
export const sanitized = {
  ...plain,
  name: 'sanitized',
  symbols: true,
  cc: ['gcc', ...sanitizers],
  cxx: ['g++', ...sanitizers],
};
