import { describe, expect, test } from 'vitest';
import type { LinuxSeccomp, LinuxSyscall } from '../types.ts';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';
import { ALLOW, allowed, base, evaluate, profile, X86_64 } from './testing.ts';

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
    expect(() => compileSeccomp(waiting, 'x86_64')).toThrow('WAIT_KILLABLE_RECV without SCMP_ACT_NOTIFY');
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
