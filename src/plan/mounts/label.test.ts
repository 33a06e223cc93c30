import { expect, test } from 'vitest';
import type { Mount, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import { planOptions, smallSpec, unifiedHost } from '../testing.ts';

const mountLabel = 'system_u:object_r:container_file_t:s0:c1,c2';
const labelled = (mounts: Mount[]): Spec => ({ ...smallSpec, mounts, linux: { ...smallSpec.linux, mountLabel } });

function options(mount: Mount): unknown {
  const { steps } = plan(labelled([mount]), planOptions, { ...unifiedHost, selinux: true });
  const action = steps.find(({ pointer, action: { op } }) => pointer === '/mounts/0' && op.startsWith('fs.mount'))?.action;
  return action?.op === 'fs.mount' ? action.options : action?.op === 'fs.mountLegacy' ? action.data : undefined;
}

test('LNX-183 new filesystems get the label', () => {
  expect(options({ destination: '/t', type: 'tmpfs', options: ['size=1m'] })).toEqual(['size=1m', `context=${mountLabel}`]);
  expect(options({ destination: '/p', type: 'devpts' })).toEqual([`context=${mountLabel}`]);
  expect(options({ destination: '/o', type: 'overlay', options: ['lowerdir=/l'] })).toBe(`lowerdir=/l,context="${mountLabel}"`);
});

test("LNX-183 a context of the mount's own wins, and some filesystems take none", () => {
  expect(options({ destination: '/t', type: 'tmpfs', options: ['context=a:b:c:s0'] })).toEqual(['context=a:b:c:s0']);
  expect(options({ destination: '/s', type: 'sysfs' })).toEqual([]);
});

test('LNX-183 without SELinux a label is an error', () => {
  expect(() => plan(labelled([]), planOptions, unifiedHost)).toThrow(/selinux is not enabled/);
});
