import { describe, expect, test } from 'vitest';
import {
  EINVAL,
  EPERM,
  filesystemMagics,
  MPOL_BIND,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
  memoryPolicyFlags,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '../../kernel.gen.ts';
import type { Action } from '../../plan/wire/ops.ts';
import { lackOf } from './kernel.ts';

const policy = (mode: number): Action => ({ op: 'mempolicy.set', mode, nodes: [] });
const mount = (type: string): Action => ({ op: 'fs.mount', type, source: type, options: [], attributes: 0n, slot: 1 });
const filter = (flags: bigint): Action => ({ op: 'seccomp.load', program: new Uint8Array(), flags, listener: true });
const mapping: Action = {
  ...{ op: 'tree.setattr', slot: 1, set: 0n, clear: 0n, spare: 0n, locked: false, propagation: 0n, recursive: false },
  userNamespace: 2,
};
const filesystem = (name: keyof typeof filesystemMagics): string => `filesystem 0x${filesystemMagics[name].toString(16)}`;

describe('CFG-096 what a step lacks on an older kernel is named with the release that it takes', () => {
  test.each<[string, Action, number, string]>([
    ['MPOL_PREFERRED_MANY needs Linux 5.15', policy(MPOL_PREFERRED_MANY | memoryPolicyFlags.MPOL_F_STATIC_NODES), EINVAL, ''],
    ['MPOL_WEIGHTED_INTERLEAVE needs Linux 6.9', policy(MPOL_WEIGHTED_INTERLEAVE), EINVAL, ''],
    ['MPOL_F_NUMA_BALANCING needs Linux 5.12', policy(MPOL_BIND | memoryPolicyFlags.MPOL_F_NUMA_BALANCING), EINVAL, ''],
    ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs Linux 5.19', filter(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV), EINVAL, ''],
    ['overlay in a user namespace needs Linux 5.11', mount('overlay'), EPERM, ''],
    ['tmpfs with id mappings needs Linux 6.3', mapping, EINVAL, filesystem('TMPFS_MAGIC')],
    ['overlay with id mappings needs Linux 5.19', mapping, EINVAL, filesystem('OVERLAYFS_SUPER_MAGIC')],
  ])('%s', (words, action, errno, detail) => {
    expect(lackOf(action, errno, detail, [5, 10])).toBe(`${words} or later, and this is 5.10`);
    expect(lackOf(action, errno, detail, [6, 12])).toBeUndefined();
  });

  test.each<[string, Action, number, string]>([
    ['a policy that every kernel knows', policy(MPOL_BIND), EINVAL, ''],
    ['a policy that is forbidden', policy(MPOL_PREFERRED_MANY), EPERM, ''],
    ['a filter without the flag', filter(0n), EINVAL, ''],
    ['another filesystem', mount('tmpfs'), EPERM, ''],
    ['an overlay with wrong options', mount('overlay'), EINVAL, ''],
    ['a filesystem that never takes id mappings', mapping, EINVAL, filesystem('SYSFS_MAGIC')],
    ['a filesystem that is id-mapped already', mapping, EPERM, filesystem('TMPFS_MAGIC')],
  ])('not %s', (_what, action, errno, detail) => {
    expect(lackOf(action, errno, detail, [5, 10])).toBeUndefined();
  });
});
