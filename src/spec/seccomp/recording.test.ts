import { describe, expect, test } from 'vitest';
import type { LinuxSeccomp, LinuxSyscall } from '../types.ts';
import { type NamedCalls, namedCalls, type SystemCall } from './recorded-calls.ts';
import { mergedProfile, smallestProfile, tracedProfile } from './recording.ts';
import { runtimeCalls } from './runtime-calls.ts';
import { AARCH64, ALLOW, ARM, ENOSYS, EPERM, evaluate, I386, X32_BIT, X86_64 } from './testing.ts';

const TRACE = 0x7ff00001;
const call = (number: number, audit: number = X86_64): SystemCall => ({ audit, number });
const mount = 165;
const sync = 162;
const clone = 56;
const socketOfX86 = 359;

function smallest(calls: readonly SystemCall[], own?: LinuxSeccomp, noNewPrivileges = true): LinuxSeccomp {
  return smallestProfile({ calls, own, machine: 'x86_64', noNewPrivileges }).profile;
}

const namesOf = ({ syscalls = [] }: LinuxSeccomp): readonly string[] => syscalls[0]?.names ?? [];
const refusal = (seccomp: LinuxSeccomp): unknown => {
  try {
    return tracedProfile(seccomp, 'x86_64');
  } catch (error) {
    return error;
  }
};

describe('tracedProfile', () => {
  test('without a profile every call of every architecture of the machine is seen', () => {
    const traced = tracedProfile(undefined, 'x86_64');
    for (const [number, audit] of [
      [sync, X86_64],
      [36, I386],
      [X32_BIT + sync, X86_64],
      [9999, X86_64],
    ] as const) {
      expect(evaluate(traced, number, [], audit)).toBe(TRACE);
    }
    expect(tracedProfile(undefined, 'aarch64').architectures).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
  });

  test('what is refused stays so, and what is permitted is seen', () => {
    const own: LinuxSeccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        { names: ['sync'], action: 'SCMP_ACT_ALLOW' },
        { names: ['mount'], action: 'SCMP_ACT_LOG' },
        { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 5 }] },
        { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      ],
    };
    const traced = tracedProfile(own, 'x86_64');
    expect(evaluate(traced, sync)).toBe(TRACE);
    expect(evaluate(traced, mount)).toBe(TRACE);
    expect(evaluate(traced, clone, [5n])).toBe(TRACE);
    expect(evaluate(traced, clone, [6n])).toBe(EPERM);
    expect(evaluate(traced, 435)).toBe(ENOSYS);
    expect(evaluate(traced, 0)).toBe(EPERM);
    expect(evaluate(tracedProfile({ defaultAction: 'SCMP_ACT_LOG' }, 'x86_64'), 0)).toBe(TRACE);
  });

  test('a profile whose calls do not become known, or that none could take the place of, is refused with its place', () => {
    const rule = (more: Partial<LinuxSyscall>): LinuxSeccomp => ({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['sync'], action: 'SCMP_ACT_ERRNO', ...more }],
    });
    const first = { code: 'SECCOMP_UNRECORDABLE', pointer: '/linux/seccomp/syscalls/0' };
    expect(refusal(rule({ action: 'SCMP_ACT_NOTIFY' }))).toMatchObject(first);
    expect(refusal(rule({ action: 'SCMP_ACT_TRACE' }))).toMatchObject(first);
    expect(refusal(rule({ args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 5 }] }))).toMatchObject(first);
    expect(refusal({ defaultAction: 'SCMP_ACT_TRACE' })).toMatchObject({ ...first, pointer: '/linux/seccomp/defaultAction' });
    expect(refusal(rule({}))).not.toHaveProperty('code');
  });
});

describe('namedCalls', () => {
  const found = ({ names, architectures, nameless }: NamedCalls) => [[...names], [...architectures], nameless];

  test('by the table of the architecture, x32 by its bit', () => {
    expect(found(namedCalls([call(mount), call(socketOfX86, I386), call(X32_BIT + 0)], 'x86_64'))).toEqual([
      ['mount', 'socket', 'read'],
      ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
      [],
    ]);
    expect(found(namedCalls([call(0, AARCH64), call(1, ARM)], 'aarch64'))).toEqual([
      ['io_setup', 'exit'],
      ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
      [],
    ]);
  });

  test('numbers without a name are told', () => {
    expect(found(namedCalls([call(9999), call(0xffffffff), call(X32_BIT + 9999), call(1, 7)], 'x86_64'))).toEqual([
      [],
      [],
      ['SCMP_ARCH_X32 1073751823', 'SCMP_ARCH_X32 4294967295', 'SCMP_ARCH_X86_64 9999', 'architecture 0x7 1'],
    ]);
  });
});

describe('smallestProfile', () => {
  test('one rule with sorted names, and the architectures that were used', () => {
    const profile = smallest([call(sync), call(mount), call(36, I386)]);
    expect(profile).toEqual({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: [...new Set([...runtimeCalls(true), 'sync', 'mount'])].sort(), action: 'SCMP_ACT_ALLOW' }],
    });
    expect(evaluate(profile, mount)).toBe(ALLOW);
    expect(evaluate(profile, 166)).toBe(EPERM);
  });

  test('names that none of the architectures has are left out', () => {
    expect(namesOf(smallest([call(sync)]))).not.toContain('clock_gettime64');
    expect(namesOf(smallest([call(36, I386)]))).toContain('clock_gettime64');
    expect(namesOf(smallestProfile({ calls: [], own: undefined, machine: 'aarch64', noNewPrivileges: true }).profile)).not.toContain(
      'time',
    );
  });

  test('what runtimes need to change ids is there where the filter holds before', () => {
    expect(namesOf(smallest([]))).not.toContain('setgroups');
    expect(namesOf(smallest([], undefined, false))).toEqual(expect.arrayContaining(['setgroups', 'setresuid', 'capset']));
    for (const name of ['execve', 'close', 'futex']) expect(namesOf(smallest([]))).toContain(name);
  });

  test('within a profile that refuses by default: its rules, as far as they are needed', () => {
    const args = [{ index: 0, op: 'SCMP_CMP_EQ', value: 0xffff_ffff_ffff_ffffn }] as const;
    const own: LinuxSeccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 2,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      flags: [],
      syscalls: [
        { names: ['sync', 'mount', 'execve'], action: 'SCMP_ACT_ALLOW' },
        { names: ['clone', 'personality'], action: 'SCMP_ACT_ALLOW', args },
        { names: ['syslog'], action: 'SCMP_ACT_LOG' },
        { names: ['umount2'], action: 'SCMP_ACT_LOG' },
        { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
        { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 2 },
      ],
    };
    expect(smallest([call(sync), call(clone), call(103)], own)).toEqual({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 2,
      architectures: ['SCMP_ARCH_X86_64'],
      flags: [],
      syscalls: [
        { names: ['execve', 'sync'], action: 'SCMP_ACT_ALLOW' },
        { names: ['clone'], action: 'SCMP_ACT_ALLOW', args },
        { names: ['syslog'], action: 'SCMP_ACT_LOG' },
        { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      ],
    });
  });

  test('within a profile that permits by default: its refusals stay', () => {
    const own: LinuxSeccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['futex', 'mount'], action: 'SCMP_ACT_KILL_PROCESS' },
        { names: ['bpf'], action: 'SCMP_ACT_ERRNO' },
      ],
    };
    const profile = smallest([call(sync)], own);
    expect(namesOf(profile)).toContain('sync');
    expect(namesOf(profile)).not.toContain('futex');
    expect(profile.syscalls?.slice(1)).toEqual([{ names: ['futex', 'mount'], action: 'SCMP_ACT_KILL_PROCESS' }]);
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
  });
});

describe('mergedProfile', () => {
  const other: LinuxSyscall = { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 };

  test('permits what either permits, each rule once', () => {
    const one: LinuxSeccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['b', 'c'], action: 'SCMP_ACT_ALLOW' }, other],
    };
    const two: LinuxSeccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: ['a', 'b'], action: 'SCMP_ACT_ALLOW' }, other],
    };
    expect(mergedProfile(one, two)).toEqual({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: ['a', 'b', 'c'], action: 'SCMP_ACT_ALLOW' }, other],
    });
  });

  test('other refusals are no part of it', () => {
    const kill = { defaultAction: 'SCMP_ACT_KILL' } as const;
    expect(() => mergedProfile({ defaultAction: 'SCMP_ACT_ERRNO' }, kill)).toThrow('cannot be merged');
  });
});
