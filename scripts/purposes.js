// What each of the project's commands needs: programs of the system (programs.js), and of what is built (products.js) everything up to a product.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.

import { libFuzzer } from './programs.js';

const build = ['g++', 'make', 'python3'];
const executable = ['ar', 'objcopy', 'musl-gcc', 'tar', 'xz'];
const containers = [
  'apparmor_parser',
  'busybox',
  'crun',
  'curl',
  'debootstrap',
  'fish',
  'gpg',
  'ip',
  'jq',
  'mandoc',
  'mke2fs',
  'newgidmap',
  'newuidmap',
  'patchelf',
  'ps',
  'rpm',
  'rpmbuild',
  'runc',
  'skopeo',
  'strace',
  'umoci',
  'valgrind',
  'zsh',
  '/usr/include/seccomp.h',
];
const machine = ['apt-get', 'busybox', 'dpkg-deb', 'qemu-system-aarch64', 'qemu-system-x86_64'];

/**
 * `must`: it ends at once without these; `uses`: it does what it can without these. Debian's packages of the engines start daemons that change the
 * network of the machine, so nothing asks for them: what needs an engine is skipped where there is none.
 */
export const purposes = {
  quickstart: { must: [...build, ...executable], uses: [], upTo: 'dist/runts' },
  bench: { must: [...build, ...executable], uses: ['busybox', 'crun', 'runc'], upTo: 'dist/runts' },
  oci: { must: [...build, ...executable], uses: ['crun', 'runc'], upTo: 'dist/runts' },
  package: {
    must: [...build, ...executable, 'dpkg-deb', 'git', 'gzip', 'rpmbuild'],
    uses: ['gpg'],
    upTo: 'node_modules/.package-lock.json',
  },
  clauses: { must: build, uses: [], upTo: 'node_modules/.package-lock.json' },
  pack: { must: [...build, ...executable], uses: [], upTo: 'build/musl/runts.node' },
  lint: { must: build, uses: [...executable, 'clang-format', 'clang-tidy'], upTo: 'dist/runts' },
  native: { must: build, uses: [...executable, 'clang++', libFuzzer], upTo: 'dist/runts' },
  unit: { must: build, uses: [], upTo: 'lib/bundle/main.js' },
  spec: { must: build, uses: [...executable, ...containers, ...machine], upTo: 'build/musl/runts.node' },
  engines: { must: build, uses: [...executable, 'busybox', 'ip', 'runc'], upTo: 'dist/runts' },
};

/** The groups of `npm test`. */
export const testGroups = ['lint', 'native', 'unit', 'spec', 'engines'];
