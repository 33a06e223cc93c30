import { expect, test } from 'vitest';
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
