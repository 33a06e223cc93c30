import { describe, expect, test } from 'vitest';
import type { LinuxSyscall } from '../../spec/types.ts';
import { allowed, base, failure, profile } from './testing.ts';

describe('errors', () => {
  const rule = (more: object) => ({ ...base, syscalls: [allowed, { names: ['read'], action: 'SCMP_ACT_KILL', ...more }] });
  const arg = (more: object) => rule({ args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0, ...more }] });
  const at = '/linux/seccomp';
  const listen = { listenerPath: '/x' };
  test.each<[string, unknown, string]>([
    ['SECCOMP_UNKNOWN_ACTION', { ...base, defaultAction: 'SCMP_ACT_MAYBE' }, `${at}/defaultAction`],
    ['SECCOMP_UNKNOWN_ACTION', { ...base, defaultAction: 'toString' }, `${at}/defaultAction`],
    ['SECCOMP_UNKNOWN_ACTION', rule({ action: 'ALLOW' }), `${at}/syscalls/1/action`],
    ['SECCOMP_UNKNOWN_ARCHITECTURE', { ...base, architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_VAX'] }, `${at}/architectures/1`],
    ['SECCOMP_UNKNOWN_FLAG', { ...base, flags: ['SECCOMP_FILTER_FLAG_SOON'] }, `${at}/flags/0`],
    ['SECCOMP_UNKNOWN_OPERATOR', arg({ op: 'SCMP_CMP_LIKE' }), `${at}/syscalls/1/args/0/op`],
    ['SECCOMP_BAD_INDEX', arg({ index: 6 }), `${at}/syscalls/1/args/0/index`],
    ['SECCOMP_BAD_VALUE', arg({ value: -1 }), `${at}/syscalls/1/args/0/value`],
    ['SECCOMP_BAD_VALUE', arg({ op: 'SCMP_CMP_MASKED_EQ', valueTwo: 1n << 64n }), `${at}/syscalls/1/args/0/valueTwo`],
    ['SECCOMP_BAD_ERRNO', rule({ errnoRet: 1 }), `${at}/syscalls/1/errnoRet`],
    ['SECCOMP_BAD_ERRNO', rule({ action: 'SCMP_ACT_ERRNO', errnoRet: 65536 }), `${at}/syscalls/1/errnoRet`],
    ['SECCOMP_BAD_ERRNO', { ...base, defaultAction: 'SCMP_ACT_KILL', defaultErrnoRet: 1 }, `${at}/defaultErrnoRet`],
    ['SECCOMP_EMPTY_NAMES', rule({ names: [] }), `${at}/syscalls/1/names`],
    ['SECCOMP_NO_LISTENER', rule({ action: 'SCMP_ACT_NOTIFY' }), `${at}/syscalls/1/action`],
    ['SECCOMP_NO_LISTENER', { ...base, listenerMetadata: 'x' }, `${at}/listenerMetadata`],
    ['SECCOMP_NOTIFY_DEFAULT', { ...base, ...listen, defaultAction: 'SCMP_ACT_NOTIFY' }, `${at}/defaultAction`],
  ])('%s %#', (code, seccomp, pointer) => {
    expect(failure(seccomp)).toMatchObject({ code, pointer });
  });

  test('SECCOMP_CONFLICT', () => {
    const args = [{ index: 0, op: 'SCMP_CMP_EQ', value: 1 }] as const;
    const twice = profile([
      { names: ['read'], action: 'SCMP_ACT_ALLOW', args },
      { names: ['read'], action: 'SCMP_ACT_KILL', args },
    ]);
    expect(failure(twice)).toMatchObject({ code: 'SECCOMP_CONFLICT', pointer: `${at}/syscalls/1` });
  });

  test('SECCOMP_UNSUPPORTED_MACHINE', () => {
    expect(failure(base, 'vax')).toMatchObject({ code: 'SECCOMP_UNSUPPORTED_MACHINE', pointer: at });
  });

  test('SECCOMP_TOO_LARGE', () => {
    const rules = Array.from({ length: 1100 }, (_, value): LinuxSyscall => {
      return { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value }] };
    });
    expect(failure(profile(rules))).toMatchObject({ code: 'SECCOMP_TOO_LARGE', pointer: at });
  });
});
