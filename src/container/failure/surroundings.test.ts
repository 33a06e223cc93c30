import { describe, expect, test } from 'vitest';
import { addon } from '../../native/addon.ts';
import { withSurroundings } from './surroundings.ts';

const machine =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    files[path];

const all = 'CapEff:\t000001ffffffffff\n';
const filtered = { '/proc/self/status': `${all}Seccomp:\t2\n` };

describe('what is around the runtime', () => {
  test.each([
    ['a filter', { errno: 'EPERM' }, filtered, /^a seccomp filter around runts.* seccomp=unconfined/],
    ['a filter, besides what is known', { errno: 'EPERM', hint: 'be root' }, filtered, /^be root; or a seccomp filter/],
    [
      'few descriptors',
      { errno: 'EMFILE' },
      { '/proc/self/limits': 'Max open files            20     20   files\n' },
      /may have 20 descriptors.*ulimit -n/,
    ],
    ['few descriptors, unknown how many', { errno: 'EMFILE' }, {}, /may have few descriptors/],
    ['few processes', { errno: 'EAGAIN', syscall: 'clone' }, {}, /pids\.max.*--pids-limit/],
  ])('%s', (_what, refused, files, hint) => {
    expect(withSurroundings(refused, machine(files))).toMatch(hint);
  });

  test.each([
    ['no error of the kernel', { hint: 'a' }, filtered],
    ['an error with other causes', { errno: 'EAGAIN', syscall: 'connect', hint: 'a' }, filtered],
    ['a hint that has looked for a filter already', { errno: 'EPERM', hint: 'a seccomp filter' }, filtered],
    ['a cgroup of the container that is full', { errno: 'EAGAIN', syscall: 'clone', hint: 'a' }, {}],
    ['nothing around', { errno: 'EPERM', hint: 'a' }, { '/proc/self/status': `${all}Seccomp:\t0\n` }],
    ['nothing to be read', { errno: 'EPERM', hint: 'a' }, {}],
  ])('has no part in it: %s', (_what, refused, files) => {
    expect(withSurroundings(refused, machine(files))).toBe(refused.hint);
  });

  test('lacks what root has, which only root is told', () => {
    const bare = machine({ '/proc/self/status': 'CapEff:\t00000000a80425fb\nSeccomp:\t2\n' });
    const words = addon.geteuid() === 0 ? /no CAP_SYS_ADMIN here.*--privileged.*securityContext/ : /seccomp/;
    expect(withSurroundings({ errno: 'EPERM' }, bare)).toMatch(words);
  });
});
