import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LinuxSeccomp } from '../types.ts';
import { actionText } from './actions.ts';
import { explainSyscall, measureFilter } from './explain.ts';
import { interpret } from './interpreter.ts';
import { listing, worstCase } from './listing.ts';
import { compileSeccomp } from './seccomp.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

const X86_64 = 0xc000003e;
const profile: LinuxSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'socket'], action: 'SCMP_ACT_ALLOW' },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0xffff_ffff }] },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0x7e02_0000, valueTwo: 0 }],
    },
  ],
};

describe('explainSyscall', () => {
  test('an unconditional rule', () => {
    expect(explainSyscall(profile, 'x86_64', 'read')).toEqual([
      {
        architecture: 'SCMP_ARCH_X86_64',
        number: 0,
        decisions: [{ action: 'ALLOW', conditions: [], pointer: '/linux/seccomp/syscalls/0', why: 'the rule decides alone' }],
      },
      expect.objectContaining({ architecture: 'SCMP_ARCH_X86', number: 3 }),
    ]);
  });

  test('arguments, then the default', () => {
    const [native] = explainSyscall(profile, 'x86_64', 'clone');
    expect(native?.decisions).toMatchObject([
      { action: 'ALLOW', conditions: ['(argument 0 & 0x7e020000) == 0'], pointer: '/linux/seccomp/syscalls/2' },
      { action: 'ERRNO(1)', conditions: [], pointer: '/linux/seccomp/defaultAction' },
    ]);
    expect(explainSyscall(profile, 'x86_64', 'personality')[0]?.decisions[0]?.conditions).toEqual(['argument 0 == 0xffffffff']);
  });

  test('newer calls, numbers, multiplexers, calls of other architectures', () => {
    expect(explainSyscall(profile, 'x86_64', 'mseal')[0]?.decisions).toMatchObject([
      { action: 'ERRNO(38)', why: 'the call is newer than the profile' },
    ]);
    expect(explainSyscall(profile, 'x86_64', '0')).toMatchObject([{ number: 0, decisions: [{ action: 'ALLOW' }] }]);
    expect(explainSyscall(profile, 'x86_64', 'socketcall')).toMatchObject([
      { number: undefined },
      { number: 102, decisions: [{ action: 'as the call behind it' }] },
    ]);
    expect(explainSyscall(profile, 'x86_64', 'nonsense').every(({ number }) => number === undefined)).toBe(true);
  });

  const fixtures = new URL('../../../spec-tests/seccomp-oracle/fixtures/', import.meta.url);
  test.each(readdirSync(fixtures))('%s: it says what the program does', (file) => {
    const seccomp = JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')) as LinuxSeccomp;
    const { program } = compileSeccomp(seccomp, 'x86_64');
    const calls: string[] = [];
    forEachSyscall('x86_64', (name) => calls.push(name));
    for (const call of calls.filter((name) => !/^\d+$/.test(name))) {
      const [native] = explainSyscall(seccomp, 'x86_64', call);
      const unconditional = native?.decisions.every(({ conditions }) => conditions.length === 0);
      const { action } = interpret(program, { number: native?.number ?? -1, audit: X86_64, args: [] });
      if (unconditional) expect([call, native?.decisions.map((one) => one.action)]).toEqual([call, [actionText(action)]]);
      else expect(native?.decisions.map((one) => one.action)).toContain(actionText(action));
    }
  });
});

test('measureFilter and worstCase bound what a call runs', () => {
  const { program } = compileSeccomp(profile, 'x86_64');
  const { size, worst, mean } = measureFilter(profile, 'x86_64');
  expect(size).toBe(program.length / 8);
  expect(worst).toBe(worstCase(program));
  expect(mean).toBeLessThan(worst);
  for (const args of [[], [0xffff_ffffn], [0x7e02_0000n]]) {
    for (let number = 0; number < 500; number++) {
      expect(interpret(program, { number, audit: X86_64, args }).steps).toBeLessThanOrEqual(worst);
    }
  }
});

test('listing', () => {
  const small: LinuxSeccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 5, args: [{ index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 3, valueTwo: 1 }] },
    ],
  };
  expect(listing(compileSeccomp(small, 'x86_64').program)).toMatchInlineSnapshot(`
    [
      "   0  load  architecture",
      "   1  ==    0xc000003e   yes 2, no 6",
      "   2  load  number",
      "   3  >=    0x40000000   yes 5, no 4",
      "   4  >=    1            yes 10, no 7",
      "   5  >=    0xffffffff   yes 10, no 6",
      "   6  return KILL_THREAD",
      "   7  load  argument 1, lower half",
      "   8  and   0x3",
      "   9  ==    1            yes 11, no 10",
      "  10  return ALLOW",
      "  11  return ERRNO(5)",
    ]
  `);
});
