import { describe, expect, test } from 'vitest';
import { cgroupFacts } from './cgroups.ts';

const rootMount = '20 1 8:1 / / rw - ext4 /dev/sda rw';
const v2 = (id: number, parent: number, root: string, point: string, flags = 'rw'): string =>
  `${id} ${parent} 0:26 ${root} ${point} ${flags} shared:4 - cgroup2 cgroup2 rw,nsdelegate`;
const v1 = (id: number, parent: number, root: string, point: string, controllers: string, flags = 'rw'): string =>
  `${id} ${parent} 0:30 ${root} ${point} ${flags} - cgroup cgroup ${flags},${controllers}`;

const facts = (mounts: readonly string[], membership: string) => cgroupFacts(mounts.join('\n'), membership, () => 'cpu memory pids\n');
const unifiedIn = (mounts: readonly string[], own = '/user.slice/a') => facts([rootMount, ...mounts], `0::${own}\n`).hierarchies[''];

describe('cgroup mounts', () => {
  test.each([
    ['a read-only one', [v2(30, 20, '/', '/host/sys/fs/cgroup', 'ro')]],
    ['one of another directory', [v2(30, 20, '/system.slice', '/mnt')]],
    ['one that shows nothing but the own cgroup', [v2(30, 20, '/user.slice', '/mnt')]],
    ['one elsewhere', [v2(30, 20, '/', '/mnt/with\\040blank')]],
    ['one that is covered', [v2(30, 20, '/', '/sys/fs/cgroup'), '31 30 0:40 / /sys/fs/cgroup rw - tmpfs none rw']],
    ['one below a directory that is covered', [v2(30, 20, '/', '/sys/fs/cgroup/a'), '31 20 0:40 / /sys/fs rw - tmpfs none rw']],
    [
      'one on a mount that is covered',
      ['29 20 0:41 / /a rw - tmpfs none rw', v2(30, 29, '/', '/a/b'), '31 29 0:42 / /a rw - tmpfs none rw'],
    ],
  ])('%s does not stand in for that in /sys/fs/cgroup', (_, stray) => {
    const usual = v2(
      90,
      stray.some((line) => line.includes('31 30')) ? 31 : stray.some((line) => line.startsWith('31 20')) ? 31 : 20,
      '/',
      '/sys/fs/cgroup',
    );
    expect(unifiedIn([...stray, usual])).toEqual({ mountPoint: '/sys/fs/cgroup', root: '/', own: '/user.slice/a' });
  });

  test('a stray one is better than none, and one for writing elsewhere than a read-only one', () => {
    expect(unifiedIn([v2(30, 20, '/', '/mnt/with\\040blank')])?.mountPoint).toBe('/mnt/with blank');
    expect(unifiedIn([v2(30, 20, '/', '/sys/fs/cgroup', 'ro'), v2(31, 20, '/', '/mnt')])?.mountPoint).toBe('/mnt');
  });

  test('in a container with the cgroup namespace of the host the own part counts', () => {
    const mounts = [v2(30, 20, '/other', '/mnt'), v2(31, 20, '/docker/a', '/sys/fs/cgroup', 'ro')];
    expect(unifiedIn(mounts, '/docker/a/b')).toEqual({ mountPoint: '/sys/fs/cgroup', root: '/docker/a', own: '/docker/a/b' });
  });

  test('each hierarchy of version 1 has its own', () => {
    const stray = v1(30, 20, '/', '/host/pids', 'pids', 'ro');
    const mounts = [
      rootMount,
      stray,
      v1(31, 20, '/', '/sys/fs/cgroup/pids', 'pids'),
      v1(32, 20, '/', '/sys/fs/cgroup/cpu,cpuacct', 'cpu,cpuacct'),
    ];
    const { mode, hierarchies } = facts(mounts, '3:cpu,cpuacct:/\n2:pids:/\n');
    expect(mode).toBe('legacy');
    expect(Object.values(hierarchies).map(({ mountPoint }) => mountPoint)).toEqual([
      '/sys/fs/cgroup/pids',
      '/sys/fs/cgroup/cpu,cpuacct',
      '/sys/fs/cgroup/cpu,cpuacct',
    ]);
  });

  test('a hierarchy of version 1 beside version 2 in /sys/fs/cgroup makes no hybrid host', () => {
    const stray = [v1(31, 30, '/', '/sys/fs/cgroup/systemd', 'xattr,name=systemd'), v1(32, 20, '/', '/opt/net_cls', 'net_cls')];
    const membership = '2:net_cls:/\n1:name=systemd:/\n0::/\n';
    const mounts = [rootMount, ...stray, v2(30, 20, '/', '/sys/fs/cgroup')];
    expect(facts(mounts, membership)).toMatchObject({ mode: 'unified', hierarchies: { '': { mountPoint: '/sys/fs/cgroup' } } });
    expect(Object.keys(facts(mounts, membership).hierarchies)).toEqual(['']);
    expect(facts([rootMount, ...stray, v2(30, 20, '/', '/sys/fs/cgroup/unified')], membership).mode).toBe('hybrid');
  });
});
