import { expect, test } from 'vitest';
import { hintFor } from './hints.ts';
import { ops } from './plan/wire/ops.ts';

test('the most special rule wins', () => {
  expect(hintFor({ op: 'fs.mountLegacy', errno: 'EINVAL', type: 'overlay' })).toMatch(/lowerdir=/);
  expect(hintFor({ op: 'fs.mountLegacy', errno: 'EINVAL', type: 'ext4' })).toBeUndefined();
});

test('whoever may not mount is told what it takes', () => {
  expect(hintFor({ op: 'tree.clone', errno: 'EPERM' })).toMatch(/CAP_SYS_ADMIN in the user namespace that the mount namespace belongs to/);
});

test('a call for mounts that the kernel does not have names the oldest kernel, one that it may be built without does not', () => {
  expect(hintFor({ op: 'tree.clone', errno: 'ENOSYS' })).toMatch(/^runts needs Linux 5\.10/);
  expect(hintFor({ op: 'mempolicy.set', errno: 'ENOSYS' })).toBeUndefined();
});

test('no hint is better than a wrong one', () => {
  expect(hintFor({ op: 'exec', errno: 'EIO' })).toBeUndefined();
});

test('hints speak of operations that exist', () => {
  for (const op of ['fs.mount', 'tree.clone', 'rlimit.set', 'ns.clone']) expect(ops).toHaveProperty([op]);
});
