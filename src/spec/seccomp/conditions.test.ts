import { describe, expect, test } from 'vitest';
import type { LinuxSeccompArg, LinuxSyscall } from '../types.ts';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';
import { ALLOW, EPERM, evaluate, I386, profile, X86_64 } from './testing.ts';

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
