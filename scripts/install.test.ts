import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { advise } from './install.js';
import { isInstalled, packagesOf, searchPath } from './programs.js';
import { purposes, testGroups } from './purposes.js';

const fresh = ['apt-get', 'dpkg-deb', 'tar', 'mke2fs'];
const built = [...fresh, 'g++', 'make', 'python3'];
const machine = (programs: readonly string[], root: boolean) => ({ path: '', root, has: (program: string) => programs.includes(program) });

test.each([
  [['quickstart'], fresh, 'binutils g++ make musl-tools python3 xz-utils'],
  [['unit'], fresh, 'g++ make python3'],
  [['unit'], built, ''],
  [['clauses'], built, ''],
  [['native'], built, 'binutils clang libclang-rt-14-dev musl-tools xz-utils'],
  [['lint'], built, 'binutils clang-format clang-tidy musl-tools xz-utils'],
  [
    ['unit', 'spec'],
    built,
    'apparmor binutils busybox-static crun curl debootstrap fish gnupg iproute2 jq libseccomp-dev mandoc musl-tools patchelf procps qemu-system-arm qemu-system-x86 rpm runc skopeo strace uidmap umoci valgrind xz-utils zsh',
  ],
  [['engines'], [...built, 'ar', 'objcopy', 'musl-gcc', 'xz', 'busybox', 'ip', 'runc'], ''],
])('root of Debian gets for %j, where there are %j: %s', (wanted, programs, packages) => {
  const { install, words, fatal } = advise(wanted, machine(programs, true));
  expect(install.join(' ')).toBe(packages);
  expect(words).toBe(packages === '' ? undefined : `installing what is missing: apt-get install --yes --no-install-recommends ${packages}`);
  expect(fatal).toBe(false);
});

test('without root nothing is installed: one command is printed, and what can run does', () => {
  expect(advise(['lint'], machine([...built, 'ar', 'objcopy', 'musl-gcc', 'xz'], false))).toEqual({
    install: [],
    words:
      'not installed, and this is not root: clang-format, clang-tidy\n  one command installs them: sudo apt-get install --yes --no-install-recommends clang-format clang-tidy',
    fatal: false,
  });
  expect(advise(testGroups, machine(fresh, false)).fatal).toBe(true);
});

test('without apt it is said what is missing', () => {
  expect(advise(['quickstart'], machine(['g++', 'make', 'python3', 'tar', 'xz', 'ar', 'objcopy'], true))).toEqual({
    install: [],
    words: 'not installed, and there is no apt-get here: musl-gcc',
    fatal: true,
  });
});

test('every program has a package, and every group of tests its programs', () => {
  for (const { must, uses } of Object.values(purposes)) expect(packagesOf([...must, ...uses])).not.toContain(undefined);
  for (const group of testGroups) expect(purposes).toHaveProperty(group);
});

test('a program is what can be executed on PATH, where sbin belongs to it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runts-path-'));
  try {
    writeFileSync(join(folder, 'tool'), '');
    expect(isInstalled('tool', `/nowhere:${folder}`)).toBe(false);
    chmodSync(join(folder, 'tool'), 0o755);
    expect(isInstalled('tool', `/nowhere:${folder}`)).toBe(true);
    expect(isInstalled(join(folder, 'tool'), '')).toBe(true);
    expect(searchPath('/bin')).toBe('/bin:/usr/sbin:/sbin');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
