import { describe, expect, test } from 'vitest';
import type { LinuxSyscall } from '../types.ts';
import { ALLOW, EPERM, evaluate, I386, profile } from './testing.ts';

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
