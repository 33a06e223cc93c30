import { describe, expect, test } from 'vitest';
import type { Spec } from '../../spec/types.ts';
import { parseSpec } from '../../spec/validate.ts';
import { plan } from '../build.ts';
import { planOptions, smallSpec, unifiedHost } from '../testing.ts';

const withMounts = (mounts: Spec['mounts']): Spec => ({ ...smallSpec, linux: { namespaces: [{ type: 'mount' }] }, mounts: mounts ?? [] });
const ids = [{ containerID: 0, hostID: 1000, size: 10 }];
const user = { namespaces: [{ type: 'user' }], uidMappings: ids, gidMappings: ids } as const;

const refused: readonly (readonly [what: string, code: string, spec: Spec])[] = [
  ['a file system over /proc', 'MOUNT_INSIDE_PROC', withMounts([{ destination: '/proc', type: 'tmpfs' }])],
  ['a bind over /proc', 'MOUNT_INSIDE_PROC', withMounts([{ destination: 'x/..//proc', source: '/a', options: ['bind'] }])],
  ['a directory of /proc', 'MOUNT_INSIDE_PROC', withMounts([{ destination: '/proc/./sys', source: '/a', options: ['rbind', 'ro'] }])],
  ['a remount in /proc', 'MOUNT_INSIDE_PROC', withMounts([{ destination: '/proc/sys', type: 'proc', options: ['remount', 'ro'] }])],
  [
    'mounts in a user namespace alone',
    'MOUNT_NAMESPACE_MISSING',
    { ...smallSpec, linux: user, mounts: [{ destination: '/a', type: 'tmpfs' }] },
  ],
  ["the host's root made read-only", 'MOUNT_NAMESPACE_MISSING', { ...smallSpec, root: { path: 'rootfs', readonly: true }, linux: {} }],
];

test.each(refused)('%s: a rule refuses it, and the plan relies on that', (_what, code, spec) => {
  expect(() => parseSpec(JSON.stringify(spec))).toThrow(expect.objectContaining({ code }));
  expect(() => plan(spec, planOptions, unifiedHost)).toThrow(/not validated/);
});

test.each([
  ['/proc', { destination: '/proc', type: 'proc', source: 'proc' }],
  ["the host's /proc", { destination: '/proc', source: '/proc/', options: ['rbind'] }],
  ['a file that is replaced by custom', { destination: '/proc/meminfo', source: '/a', options: ['bind'] }],
  ['a name alike', { destination: '/process', type: 'tmpfs', source: 'a' }],
])('%s is mounted', (_what, mount) => {
  const spec = withMounts([mount]);
  expect(() => parseSpec(JSON.stringify(spec))).not.toThrow();
  expect(() => plan(spec, planOptions, unifiedHost)).not.toThrow();
});

describe('cgroup mounts of version 2 leave the filesystem of the whole machine as it is', () => {
  const cgroups = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] };
  const planOf = (mounts: Spec['mounts'], namespaces: readonly { type: 'cgroup'; path?: string }[] = []) => {
    const spec: Spec = { ...withMounts(mounts), linux: { namespaces: [{ type: 'mount' }, ...namespaces] } };
    return plan(spec, { ...planOptions, noCgroup: true }, unifiedHost);
  };
  const actions = (...args: Parameters<typeof planOf>) => planOf(...args).steps.map(({ action }) => action);
  const made = expect.objectContaining({ op: 'fs.mount', type: 'cgroup2' });

  test('one without a cgroup is a bind of all of them', () => {
    expect(actions([cgroups])).not.toContainEqual(made);
    expect(actions([cgroups])).toContainEqual(expect.objectContaining({ op: 'tree.clone', source: '/sys/fs/cgroup' }));
  });

  test('one of a cgroup namespace is a new mount, which changes nothing there', () => {
    expect(actions([cgroups], [{ type: 'cgroup' }])).toContainEqual(made);
    expect(actions([cgroups], [{ type: 'cgroup', path: '/proc/7/ns/cgroup' }])).toContainEqual(made);
  });

  test('a remount changes the mount alone, and says so', () => {
    const { steps, warnings } = planOf([cgroups, { ...cgroups, type: 'none', options: ['remount', 'sync', 'nsdelegate', 'nosuid'] }]);
    const { action } = steps.find(({ action }) => action.op === 'fs.reconfigure') ?? {};
    expect(action).toMatchObject({ options: [], set: 2n });
    expect(warnings).toContainEqual({
      code: 'MOUNT_OPTION_IGNORED',
      message: expect.stringContaining('the cgroup filesystem is that of the whole machine, sync,nsdelegate is ignored'),
      pointer: '/mounts/1/options',
    });
  });

  test('a remount of another keeps its options', () => {
    const { steps } = planOf([
      { destination: '/a', type: 'tmpfs' },
      { destination: '/a', options: ['remount', 'size=1m'] },
    ]);
    expect(steps.map(({ action }) => action)).toContainEqual(expect.objectContaining({ op: 'fs.reconfigure', options: ['size=1m'] }));
  });
});
