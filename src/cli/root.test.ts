import { expect, test } from 'vitest';
import { defaultRoot, filterCache, type RootFacts, stateRoot } from './root.ts';

const foreign = { initialUserNamespace: () => false };
const root: RootFacts = {
  euid: () => 0,
  runtimeDirectory: undefined,
  initialUserNamespace: () => true,
  runWritable: () => true,
  directory: () => undefined,
};

const cases: [who: string, facts: Partial<RootFacts>, expected: string][] = [
  ['root', {}, '/run/runts'],
  ['root with a session', { runtimeDirectory: '/run/user/0' }, '/run/runts'],
  ['podman sets the variable to the empty string', { runtimeDirectory: '', ...foreign }, '/run/runts'],
  ['a user', { euid: () => 1000, runtimeDirectory: '/run/user/1000' }, '/run/user/1000/runts'],
  ['a user without a session', { euid: () => 1000 }, '/run/runts'],
  ['rootless podman', { runtimeDirectory: '/run/user/1000', ...foreign, runWritable: () => false }, '/run/user/1000/runts'],
  ['root of a container', { runtimeDirectory: '/run/user/0', ...foreign }, '/run/runts'],
];

test.each(cases)('%s', (_who, facts, expected) => {
  expect(defaultRoot({ ...root, ...facts })).toBe(expected);
});

test('--root', () => {
  expect(stateRoot('x/../r', root)).toEqual({ root: `${process.cwd()}/r`, rootIsDefault: false });
  expect(filterCache(root)).toBe('/run/runts~seccomp');
  expect(stateRoot(undefined, root)).toEqual({ root: '/run/runts', rootIsDefault: true });
  for (const path of ['/', '//', '/a/..']) expect(() => stateRoot(path, root)).toThrow('Option --root argument should not be set to /');
});

const user: RootFacts = { ...root, euid: () => 1000, runtimeDirectory: '/run/user/1000' };

test.each([
  [1001, 0o700, 'it belongs to user 1001'],
  [1000, 0o1777, 'others may write to it'],
  [1000, 0o720, 'others may write to it'],
])('a default state root of user %d with mode %o is nothing to trust', (uid, mode, why) => {
  const facts = { ...user, directory: () => ({ uid, mode }) };
  expect(() => stateRoot(undefined, facts)).toThrow(
    `unable to trust the directory /run/user/1000/runts for the state of containers: ${why}`,
  );
  expect(stateRoot('/mine', facts).root).toBe('/mine');
});

test.each([
  [1000, 0o1700],
  [0, 0o755],
])('a default state root of user %d with mode %o is', (uid, mode) => {
  expect(stateRoot(undefined, { ...user, directory: () => ({ uid, mode }) }).root).toBe('/run/user/1000/runts');
});
