import { describe, expect, test } from 'vitest';
import type { RuntimeError } from '../../errors.ts';
import type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from '../../spec/types.ts';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const ARM = 0x40000028;
const AARCH64 = 0xc00000b7;
const X32_BIT = 0x40000000;

const ALLOW = 0x7fff0000;
const KILL_THREAD = 0;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;

const allowed: LinuxSyscall = { names: ['read', 'personality', 'mseal'], action: 'SCMP_ACT_ALLOW' };
const base: LinuxSeccomp = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'], syscalls: [allowed] };

function profile(syscalls: readonly LinuxSyscall[], more: Partial<LinuxSeccomp> = {}): LinuxSeccomp {
  return { ...base, syscalls, ...more };
}

function evaluate(seccomp: LinuxSeccomp, number: number, args: readonly bigint[] = [], audit = X86_64, machine = 'x86_64'): number {
  return interpret(compileSeccomp(seccomp, machine).program, { number, audit, args }).action;
}

function failure(seccomp: unknown, machine = 'x86_64'): { code: string; pointer: string | undefined; message: string } {
  try {
    compileSeccomp(seccomp as LinuxSeccomp, machine);
  } catch (error) {
    const { code, pointer, message } = error as RuntimeError;
    return { code, pointer, message };
  }
  throw new Error('compiled');
}

describe('actions', () => {
  test.each([
    ['SCMP_ACT_KILL', undefined, 0],
    ['SCMP_ACT_KILL_THREAD', undefined, 0],
    ['SCMP_ACT_KILL_PROCESS', undefined, 0x80000000],
    ['SCMP_ACT_TRAP', undefined, 0x00030000],
    ['SCMP_ACT_ERRNO', undefined, 0x00050001],
    ['SCMP_ACT_ERRNO', 0, 0x00050000],
    ['SCMP_ACT_ERRNO', 100, 0x00050064],
    ['SCMP_ACT_TRACE', undefined, 0x7ff00001],
    ['SCMP_ACT_TRACE', 7, 0x7ff00007],
    ['SCMP_ACT_LOG', undefined, 0x7ffc0000],
  ] as const)('%s with errno %s', (action, errnoRet, expected) => {
    const rule = { names: ['read'], action, ...(errnoRet === undefined ? {} : { errnoRet }) };
    expect(evaluate(profile([rule], { defaultAction: 'SCMP_ACT_ALLOW' }), 0)).toBe(expected);
    const byDefault = { defaultAction: action, ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }) };
    expect(evaluate(profile([{ names: ['write'], action: 'SCMP_ACT_ALLOW' }], byDefault), 0)).toBe(expected);
  });
});

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

describe('conditions', () => {
  const top = 0xffff_ffff_ffff_ffffn;
  const values = [
    0n,
    1n,
    5n,
    0x7fff_ffffn,
    0xffff_fffen,
    0xffff_ffffn,
    0x1_0000_0000n,
    0x1_0000_0005n,
    0x8000_0000_0000_0000n,
    top - 1n,
    top,
  ];
  const holds: Record<string, (argument: bigint, value: bigint) => boolean> = {
    SCMP_CMP_NE: (a, v) => a !== v,
    SCMP_CMP_LT: (a, v) => a < v,
    SCMP_CMP_LE: (a, v) => a <= v,
    SCMP_CMP_EQ: (a, v) => a === v,
    SCMP_CMP_GE: (a, v) => a >= v,
    SCMP_CMP_GT: (a, v) => a > v,
  };

  test.each(Object.entries(holds))('%s on 64 and on 32 bits', (op, compare) => {
    for (const value of values) {
      const args = [{ index: 5, op, value } as LinuxSeccompArg];
      const both = profile([{ names: ['personality'], action: 'SCMP_ACT_ALLOW', args }], { architectures: ['SCMP_ARCH_X86'] });
      const { program } = compileSeccomp(both, 'x86_64');
      for (const argument of values) {
        const call = { args: [0n, 0n, 0n, 0n, 0n, argument] };
        expect(interpret(program, { ...call, number: 135, audit: X86_64 }).action === ALLOW).toBe(compare(argument, value));
        const narrow = compare(argument & 0xffff_ffffn, value & 0xffff_ffffn);
        expect(interpret(program, { ...call, number: 136, audit: I386 }).action === ALLOW).toBe(narrow);
      }
    }
  });

  test('SCMP_CMP_MASKED_EQ compares within the mask', () => {
    for (const mask of values) {
      for (const value of values) {
        const args = [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: mask, valueTwo: value }] as const;
        const { program } = compileSeccomp(profile([{ names: ['clone'], action: 'SCMP_ACT_ALLOW', args }]), 'x86_64');
        for (const argument of values) {
          const { action } = interpret(program, { number: 56, audit: X86_64, args: [argument] });
          expect(action === ALLOW).toBe((argument & mask) === (value & mask));
        }
      }
    }
  });

  const socket = (args: readonly LinuxSeccompArg[], action: LinuxSyscall['action'] = 'SCMP_ACT_ALLOW', more = {}): LinuxSyscall => ({
    names: ['socket'],
    action,
    args,
    ...more,
  });
  const eq = (index: number, value: number): LinuxSeccompArg => ({ index, op: 'SCMP_CMP_EQ', value });

  test('several arguments of a rule must all hold', () => {
    const rules = profile([socket([eq(2, 3), eq(0, 1)])]);
    expect(evaluate(rules, 41, [1n, 9n, 3n])).toBe(ALLOW);
    expect(evaluate(rules, 41, [1n, 9n, 4n])).toBe(EPERM);
    expect(evaluate(rules, 41, [2n, 9n, 3n])).toBe(EPERM);
  });

  test('one argument twice means either', () => {
    const rules = profile([socket([eq(0, 1), eq(0, 2), eq(1, 7)])]);
    const run = (...args: bigint[]) => evaluate(rules, 41, args);
    expect([run(1n, 0n), run(2n, 0n), run(3n, 7n), run(3n, 8n)]).toEqual([ALLOW, ALLOW, ALLOW, EPERM]);
  });

  test('several rules are tried one after the other', () => {
    const rules = profile([
      socket([eq(0, 16), eq(2, 9)], 'SCMP_ACT_ERRNO', { errnoRet: 22 }),
      socket([{ index: 0, op: 'SCMP_CMP_NE', value: 16 }]),
      socket([{ index: 2, op: 'SCMP_CMP_NE', value: 9 }]),
    ]);
    const run = (...args: bigint[]) => evaluate(rules, 41, args);
    expect([run(16n, 0n, 9n), run(16n, 0n, 0n), run(1n, 0n, 9n)]).toEqual([0x00050016, ALLOW, ALLOW]);
  });

  test('exact tests come before ranges, whatever the order', () => {
    const range = socket([{ index: 0, op: 'SCMP_CMP_GE', value: 10 }]);
    const exact = socket([eq(0, 12)], 'SCMP_ACT_KILL_PROCESS');
    for (const rules of [
      [range, exact],
      [exact, range],
    ]) {
      expect(evaluate(profile(rules), 41, [12n])).toBe(0x80000000);
      expect(evaluate(profile(rules), 41, [13n])).toBe(ALLOW);
    }
  });

  test('a rule without arguments decides alone, the first of several', () => {
    const always: LinuxSyscall = { names: ['socket'], action: 'SCMP_ACT_ALLOW' };
    const conditional = socket([eq(0, 1)], 'SCMP_ACT_KILL');
    expect(evaluate(profile([conditional, always]), 41, [1n])).toBe(ALLOW);
    expect(evaluate(profile([always, conditional]), 41, [1n])).toBe(ALLOW);
    expect(evaluate(profile([always, { names: ['socket'], action: 'SCMP_ACT_KILL' }]), 41)).toBe(ALLOW);
  });

  test('a rule that repeats the default is none', () => {
    const same: LinuxSyscall = { names: ['socket'], action: 'SCMP_ACT_ERRNO' };
    expect(evaluate(profile([same, socket([eq(0, 1)])]), 41, [1n])).toBe(ALLOW);
    expect(evaluate(profile([{ ...same, errnoRet: 22 }, socket([eq(0, 1)])]), 41, [1n])).toBe(0x00050016);
  });
});

describe('socketcall and ipc', () => {
  const x86 = { architectures: ['SCMP_ARCH_X86'] as const };
  const run = (rules: readonly LinuxSyscall[], number: number, args: bigint[], more = {}) =>
    evaluate(profile(rules, { ...x86, ...more }), number, args, I386);

  test('a call without arguments is permitted both ways', () => {
    const rules: LinuxSyscall[] = [{ names: ['socket', 'send', 'shmat'], action: 'SCMP_ACT_ALLOW' }];
    expect(run(rules, 359, [])).toBe(ALLOW);
    expect(run(rules, 102, [1n])).toBe(ALLOW);
    expect(run(rules, 102, [2n])).toBe(EPERM);
    expect(run(rules, 102, [9n])).toBe(ALLOW);
    expect(run(rules, 117, [21n])).toBe(ALLOW);
    expect(run(rules, 117, [0x10015n])).toBe(ALLOW);
    expect(run(rules, 117, [22n])).toBe(EPERM);
  });

  test('the multiplexer named by itself decides', () => {
    const rules: LinuxSyscall[] = [
      { names: ['socket'], action: 'SCMP_ACT_KILL' },
      { names: ['socketcall'], action: 'SCMP_ACT_ALLOW' },
    ];
    expect(run(rules, 102, [1n])).toBe(ALLOW);
  });

  test('what cannot be tested there opens nothing and closes all', () => {
    const args = [{ index: 0, op: 'SCMP_CMP_EQ', value: 16 }] as const;
    expect(run([{ names: ['socket'], action: 'SCMP_ACT_ALLOW', args }], 102, [1n])).toBe(EPERM);
    const open = { defaultAction: 'SCMP_ACT_ALLOW' };
    expect(run([{ names: ['socket'], action: 'SCMP_ACT_ERRNO', args }], 102, [1n], open)).toBe(EPERM);
    expect(run([{ names: ['socket'], action: 'SCMP_ACT_ERRNO', args }], 102, [2n], open)).toBe(ALLOW);
  });
});

describe('flags and listener', () => {
  const flags = (more: Partial<LinuxSeccomp>) => compileSeccomp({ ...base, ...more }, 'x86_64').flags;

  test('ENG-020 SPEC_ALLOW is the default, an empty list means none', () => {
    expect(flags({})).toBe(4n);
    expect(flags({ flags: [] })).toBe(0n);
  });

  test('of seccomp(2)', () => {
    expect(flags({ flags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC'] })).toBe(2n);
    expect(flags({ flags: ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_LOG'] })).toBe(6n);
  });

  test('every call may be notified', () => {
    const asking = { ...base, syscalls: [{ names: ['write', 'sendmsg'], action: 'SCMP_ACT_NOTIFY' }] as const, listenerPath: '/x' };
    expect(evaluate(asking, 1)).toBe(0x7fc00000);
  });

  test('WAIT_KILLABLE_RECV only with a listener', () => {
    const waiting = { ...base, flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] as const };
    expect(compileSeccomp(waiting, 'x86_64')).toMatchObject({
      flags: 0n,
      listener: false,
      warnings: [{ code: 'SECCOMP_FLAG_IGNORED', pointer: '/linux/seccomp/flags/0' }],
    });
    const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] as const;
    const asking = { ...waiting, syscalls, listenerPath: '/run/agent.sock' };
    expect(compileSeccomp(asking, 'x86_64')).toMatchObject({ flags: 0x28n, listener: true, warnings: [] });
    expect(evaluate(asking, 83)).toBe(0x7fc00000);
  });
});

test('names nobody knows are ignored with a warning, those of other architectures silently', () => {
  const names = ['read', 'frobnicate', 's390_runtime_instr', 'recv', 'Not A Name'];
  const { warnings } = compileSeccomp(profile([allowed, { names, action: 'SCMP_ACT_ALLOW' }]), 'x86_64');
  expect(warnings).toEqual([
    {
      code: 'SECCOMP_UNKNOWN_SYSCALL',
      message: 'unknown seccomp syscall "frobnicate" ignored',
      pointer: '/linux/seccomp/syscalls/1/names/1',
    },
    {
      code: 'SECCOMP_UNKNOWN_SYSCALL',
      message: 'unknown seccomp syscall "Not A Name" ignored',
      pointer: '/linux/seccomp/syscalls/1/names/4',
    },
  ]);
});

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

test('jumps beyond 255 instructions', () => {
  const rules = Array.from({ length: 400 }, (_, index): LinuxSyscall => {
    const names = [index % 2 === 0 ? 'read' : 'write'];
    return { names, action: 'SCMP_ACT_ERRNO', errnoRet: 100 + index, args: [{ index: 1, op: 'SCMP_CMP_EQ', value: index }] };
  });
  const { program } = compileSeccomp(profile(rules, { defaultAction: 'SCMP_ACT_ALLOW' }), 'x86_64');
  expect(program.length / 8).toBeGreaterThan(1600);
  for (let index = 0; index < 400; index++) {
    const { action } = interpret(program, { number: index % 2, audit: X86_64, args: [0n, BigInt(index)] });
    expect(action).toBe(0x00050000 + 100 + index);
    expect(interpret(program, { number: (index + 1) % 2, audit: X86_64, args: [0n, BigInt(index)] }).action).toBe(ALLOW);
  }
});

test('a call without a rule on its arguments is decided by architecture and number', () => {
  const args = [{ index: 0, op: 'SCMP_CMP_EQ', value: 8 }] as const;
  const rules = profile([
    { names: ['read', 'write', 'close'], action: 'SCMP_ACT_ALLOW' },
    { ...allowed, names: ['personality'], args },
  ]);
  const { program } = compileSeccomp(rules, 'x86_64');
  expect(interpret(program, { number: 0, audit: X86_64, args: [] }).loads).toEqual([4, 0]);
  expect(interpret(program, { number: 135, audit: X86_64, args: [8n] }).loads).toEqual([4, 0, 20, 16]);
});
