import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cppSources } from './cpp-sources.js';

const root = dirname(import.meta.dirname);
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const everything = readdirSync(join(root, 'native'), { recursive: true, encoding: 'utf8' }).map((path) => join('native', path));
const programs = ['init', 'addon', 'engine', 'compile', 'train', 'musl', 'musl-addon'] as const;

test('every C++ file goes into a program or a test, and every header of init is one that make knows', () => {
  const files = everything.filter((file) => file.endsWith('.cc'));
  expect([...new Set(cppSources(...programs, 'tests'))].sort()).toEqual(files.sort());
  expect(cppSources('init-headers').sort()).toEqual(everything.filter((file) => /^native\/(core|init)\/.*\.h$/.test(file)).sort());
});

test('builds and checks get the paths printed, a line each', () => {
  const print = (...names: string[]) =>
    execFileSync(process.execPath, ['scripts/cpp-sources.js', ...names], { cwd: root, encoding: 'utf8' })
      .trimEnd()
      .split('\n');
  expect(print('init', 'addon')).toEqual(cppSources('init', 'addon'));
  expect(print('written')).toEqual(everything.filter((file) => /(?<!\.gen)\.(cc|h)$/.test(file)).sort());
});

test.each(['binding.gyp', 'native/engine/Makefile', 'scripts/clang-tidy', 'scripts/engine.js', 'scripts/toolchain.js', 'scripts/tasks.ts'])(
  '%s has no list of its own',
  (file) => {
    expect(read(file)).not.toMatch(/\w+\.cc\b(?!=)|\*\.cc|wildcard/);
  },
);

test.each([...programs, 'init-headers'])('the list %s is what a build compiles', (name) => {
  const builds = ['binding.gyp', 'scripts/engine.js', 'scripts/toolchain.js', 'scripts/build-musl-addon.js'].map(read).join('');
  expect(builds).toMatch(new RegExp(`cpp-sources\\.js ${name}\\)|(cppSources\\(|extra: \\[)[^)\\]]*'${name}'`));
});

test('clang-tidy looks at every program', () => {
  const looked = [...read('scripts/clang-tidy').matchAll(/cpp-sources\.js ([a-z -]+)/g)].flatMap(([, names = '']) =>
    names.trim().split(' '),
  );
  expect(looked.sort()).toEqual([...programs].sort());
});
