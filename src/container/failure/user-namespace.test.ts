import { describe, expect, test } from 'vitest';
import { whyNoMap, whyNoRights, whyNoUserNamespace } from './user-namespace.ts';

const machine =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    files[path];

describe('why there is no user namespace', () => {
  test.each([
    ['EPERM', { '/proc/sys/kernel/unprivileged_userns_clone': '0' }, /sysctl kernel\.unprivileged_userns_clone=1/],
    [
      'EPERM',
      { '/proc/sys/kernel/unprivileged_userns_clone': '1', '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' },
      /AppArmor .* kernel\.apparmor_restrict_unprivileged_userns=0/,
    ],
    ['EACCES', { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' }, /AppArmor/],
    [
      'EACCES',
      { '/proc/self/attr/current': 'fence (enforce)' },
      /AppArmor profile fence, under which runts was called, has no rule `userns,`/,
    ],
    ['EACCES', { '/proc/self/attr/current': 'runts (unconfined)' }, /chroot/],
    ['EPERM', { '/proc/self/status': 'Name:\tx\nSeccomp:\t2\n' }, /seccomp/],
    ['EPERM', { '/proc/self/status': 'Seccomp:\t0\n' }, /chroot/],
    ['ENOSPC', { '/proc/sys/user/max_user_namespaces': '0' }, /sysctl user\.max_user_namespaces=/],
    ['ENOSPC', { '/proc/sys/user/max_user_namespaces': '7' }, /user\.max_user_namespaces \(7\) is reached.* 32 deep/],
  ])('%s, %j', (errno, files, hint) => {
    expect(whyNoUserNamespace(errno, machine(files))).toMatch(hint);
  });

  test('nothing is said of other errors', () => {
    expect(whyNoUserNamespace('ENOMEM', machine({}))).toBeUndefined();
  });
});

test('Ubuntu takes the rights of who has made it, and nobody else does', () => {
  expect(whyNoRights(machine({ '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' }))).toMatch(/profile that says `userns,`/);
  expect(whyNoRights(machine({ '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '0' }))).toBeUndefined();
  expect(whyNoRights(machine({}))).toBeUndefined();
});

describe('why there is no map', () => {
  const own = machine({ '/proc/self/uid_map': '         0       1000          1\n         1     100000      65536\n' });

  test.each([
    ['0 0 65537\n', undefined],
    ['0 1000 1\n', undefined],
    ['0 65536 2\n', 'the user namespace of the runtime has no uid 65537'],
    ['0 0 10\n10 100000 5\n', 'the user namespace of the runtime has no uid 100000 to 100004'],
  ])('%j', (map, why) => {
    expect(whyNoMap('uid', map, own)).toBe(why);
  });

  test('what cannot be read tells nothing', () => {
    expect(whyNoMap('gid', '0 5 1\n', own)).toBeUndefined();
  });
});
