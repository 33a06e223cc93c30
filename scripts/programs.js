// Programs that runts is built and tested with, and what to do where one is missing.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { Unavailable } from './unavailable.js';

/** clang's, of Debian 12. */
export const libFuzzer = '/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a';

/** Debian's package of each; a path names a file that is no program. */
const packages = {
  '/usr/include/seccomp.h': 'libseccomp-dev',
  [libFuzzer]: 'libclang-rt-14-dev',
  apparmor_parser: 'apparmor',
  'apt-get': 'apt',
  ar: 'binutils',
  busybox: 'busybox-static',
  'clang++': 'clang',
  'clang-format': 'clang-format',
  'clang-tidy': 'clang-tidy',
  crun: 'crun',
  ctr: 'containerd',
  curl: 'curl',
  debootstrap: 'debootstrap',
  dockerd: 'docker.io',
  'dpkg-deb': 'dpkg',
  fish: 'fish',
  'g++': 'g++',
  gcc: 'gcc',
  git: 'git',
  gpg: 'gnupg',
  gzip: 'gzip',
  ip: 'iproute2',
  jq: 'jq',
  make: 'make',
  mandoc: 'mandoc',
  mke2fs: 'e2fsprogs',
  'musl-gcc': 'musl-tools',
  newgidmap: 'uidmap',
  newuidmap: 'uidmap',
  objcopy: 'binutils',
  patchelf: 'patchelf',
  podman: 'podman',
  ps: 'procps',
  python3: 'python3',
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-system-x86_64': 'qemu-system-x86',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  runc: 'runc',
  skopeo: 'skopeo',
  strace: 'strace',
  tar: 'tar',
  umoci: 'umoci',
  valgrind: 'valgrind',
  xz: 'xz-utils',
  zsh: 'zsh',
};

/** Debian keeps runc and debootstrap in sbin, which not every shell searches. */
export const searchPath = (path = process.env.PATH ?? '') => [path, '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter);

/** Whether a program can be executed, or a file read. */
export function isInstalled(program, path = process.env.PATH ?? '') {
  const places = isAbsolute(program) ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, isAbsolute(program) ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's packages of programs, each once. */
export const packagesOf = (programs) => [...new Set(programs.map((program) => packages[program]))].sort();

/** @throws Unavailable that tells what to install, unless all of them are on PATH */
export function needPrograms(...programs) {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  throw new Unavailable(`not installed: ${missing.join(', ')}\n  on Debian: apt-get install --yes ${packagesOf(missing).join(' ')}`);
}
