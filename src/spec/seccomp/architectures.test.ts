import { describe, expect, test } from 'vitest';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';
import { AARCH64, ALLOW, ARM, allowed, base, ENOSYS, EPERM, evaluate, I386, KILL_THREAD, profile, X32_BIT } from './testing.ts';

describe('architectures', () => {
  test('the native one is always served, others kill the thread', () => {
    expect(evaluate({ ...base, architectures: [] }, 0)).toBe(ALLOW);
    expect(evaluate({ ...base, architectures: ['SCMP_ARCH_X86'] }, 0)).toBe(ALLOW);
    expect(evaluate(base, 0, [], I386)).toBe(KILL_THREAD);
    expect(evaluate(base, 0, [], ARM)).toBe(KILL_THREAD);
  });

  test('each has its own numbers', () => {
    const both = { ...base, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] as const };
    expect(evaluate(both, 3, [], I386)).toBe(ALLOW);
    expect(evaluate(both, 0, [], I386)).toBe(EPERM);
    expect(evaluate(both, 3)).toBe(EPERM);
    expect(evaluate(base, 63, [], AARCH64, 'aarch64')).toBe(ALLOW);
  });

  test('x32 is foreign unless named', () => {
    expect(evaluate(base, X32_BIT)).toBe(KILL_THREAD);
    expect(evaluate(base, 0xfffffffe)).toBe(KILL_THREAD);
    const x32 = { ...base, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'] as const };
    expect(evaluate(x32, X32_BIT)).toBe(ALLOW);
    expect(evaluate(x32, X32_BIT + 1)).toBe(EPERM);
    expect(evaluate(x32, 1)).toBe(EPERM);
    expect(evaluate(x32, 0)).toBe(ALLOW);
    // 512: rt_sigaction of x32, nothing of x86_64.
    const rtSigaction = { ...x32, syscalls: [{ names: ['rt_sigaction'], action: 'SCMP_ACT_ALLOW' }] as const };
    expect(evaluate(rtSigaction, X32_BIT + 512)).toBe(ALLOW);
    expect(evaluate(rtSigaction, X32_BIT + 13)).toBe(EPERM);
    expect(evaluate(rtSigaction, 13)).toBe(ALLOW);
  });

  test('a call that a tracer skips (-1) gets the default', () => {
    expect(evaluate(base, 0xffffffff)).toBe(EPERM);
    expect(evaluate({ ...base, defaultAction: 'SCMP_ACT_LOG' }, 0xffffffff)).toBe(0x7ffc0000);
  });

  test('byte order', () => {
    const program = compileSeccomp({ ...base, architectures: ['SCMP_ARCH_S390X'] }, 's390x').program;
    const run = (number: number) => interpret(program, { number, audit: 0x80000016, args: [] }, true).action;
    expect(run(3)).toBe(ALLOW);
    expect(run(4)).toBe(EPERM);
    expect(run(0)).toBe(ENOSYS);
    const masked = profile([{ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, op: 'SCMP_CMP_EQ', value: 5 }] }]);
    const big = compileSeccomp({ ...masked, architectures: [] }, 's390x').program;
    expect(interpret(big, { number: 3, audit: 0x80000016, args: [0n, 5n] }, true).action).toBe(ALLOW);
    expect(interpret(big, { number: 3, audit: 0x80000016, args: [0n, 5n << 32n] }, true).action).toBe(EPERM);
  });

  test('one that this machine cannot run is accepted', () => {
    expect(evaluate({ ...base, architectures: ['SCMP_ARCH_S390X', 'SCMP_ARCH_ARM'] }, 0)).toBe(ALLOW);
  });
});

describe('calls newer than the profile', () => {
  test('get ENOSYS where the default is a refusal', () => {
    expect(evaluate(base, 462)).toBe(ALLOW);
    expect(evaluate(base, 463)).toBe(ENOSYS);
    expect(evaluate(base, 0x3fffffff)).toBe(ENOSYS);
    expect(evaluate(base, 461)).toBe(EPERM);
    expect(evaluate({ ...base, defaultAction: 'SCMP_ACT_KILL' }, 463)).toBe(ENOSYS);
    expect(evaluate({ ...base, defaultAction: 'SCMP_ACT_TRAP' }, 463)).toBe(ENOSYS);
  });

  test('a rule that repeats the default counts for the largest number', () => {
    expect(evaluate(profile([allowed, { names: ['listns'], action: 'SCMP_ACT_ERRNO' }]), 470)).toBe(EPERM);
    expect(evaluate(profile([allowed, { names: ['listns'], action: 'SCMP_ACT_ERRNO' }]), 471)).toBe(ENOSYS);
  });

  test.each(['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'] as const)('do not with default %s', (defaultAction) => {
    const refused = profile([{ names: ['read'], action: 'SCMP_ACT_KILL' }], { defaultAction });
    expect(evaluate(refused, 9999)).not.toBe(ENOSYS);
  });

  test('do not when the profile names no call of the architecture', () => {
    expect(evaluate(profile([]), 9999)).toBe(EPERM);
    expect(evaluate(profile([{ names: ['breakpoint'], action: 'SCMP_ACT_ALLOW' }]), 9999)).toBe(EPERM);
  });

  test('the private numbers of Arm lie beyond', () => {
    const arm = { ...base, architectures: [], syscalls: [{ names: ['read', 'set_tls'], action: 'SCMP_ACT_ALLOW' }] as const };
    const run = (number: number) => evaluate(arm, number, [], ARM, 'armv7l');
    expect([3, 4, 0xf0004, 0xf0005, 0xf0006].map(run)).toEqual([ALLOW, ENOSYS, ENOSYS, ALLOW, ENOSYS]);
  });
});
