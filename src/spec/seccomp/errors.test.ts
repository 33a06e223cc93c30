import { describe, expect, test } from 'vitest';
import { exactJson } from '../exact-json.ts';
import { parseJson } from '../json.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../types.ts';
import { parseSpec, validateSpec } from '../validate.ts';
import { compileSeccomp } from './seccomp.ts';
import { allowed, base, failure, profile } from './testing.ts';

describe('errors', () => {
  const rule = (more: object) => ({ ...base, syscalls: [allowed, { names: ['read'], action: 'SCMP_ACT_KILL', ...more }] });
  const arg = (more: object) => rule({ args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0, ...more }] });
  const at = '/linux/seccomp';
  /** What a rule refuses, by the pointer of its finding. */
  const refused: readonly (readonly [pointer: string, seccomp: unknown])[] = [
    ['/defaultAction', { ...base, defaultAction: 'SCMP_ACT_MAYBE' }],
    ['/defaultAction', { ...base, defaultAction: 'toString' }],
    ['/syscalls/1/action', rule({ action: 'ALLOW' })],
    ['/architectures/1', { ...base, architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_VAX'] }],
    ['/flags/0', { ...base, flags: ['SECCOMP_FILTER_FLAG_SOON'] }],
    ['/syscalls/1/args/0/op', arg({ op: 'SCMP_CMP_LIKE' })],
    ['/syscalls/1/args/0/index', arg({ index: 6 })],
    ['/syscalls/1/args/0/value', arg({ value: -1 })],
    ['/syscalls/1/args/0/value', arg({ value: 1.5 })],
    ['/syscalls/1/args/0/valueTwo', arg({ op: 'SCMP_CMP_MASKED_EQ', valueTwo: 1n << 64n })],
    ['/syscalls/1/errnoRet', rule({ action: 'SCMP_ACT_ERRNO', errnoRet: 65536 })],
    ['/listenerPath', rule({ action: 'SCMP_ACT_NOTIFY' })],
    ['/defaultAction', { ...base, listenerPath: '/x', defaultAction: 'SCMP_ACT_NOTIFY' }],
  ];
  const text = (seccomp: unknown) => exactJson({ ociVersion: '1.0.0', root: { path: 'a' }, linux: { seccomp } });

  test.each(refused)('%s %# is refused by a rule, whoever asks', (pointer, seccomp) => {
    expect(validateSpec(parseJson(text(seccomp))).problems.map((problem) => problem.pointer)).toEqual([at + pointer]);
    expect(() => parseSpec(text(seccomp))).toThrow(expect.objectContaining({ code: 'INVALID_SPEC', pointer: at + pointer }));
  });

  // Numbers of another type are the schema's.
  test.each(refused.filter(([pointer]) => !/value/i.test(pointer)))('%s %# never comes as far as a filter', (_pointer, seccomp) => {
    expect(() => compileSeccomp(seccomp as LinuxSeccomp, 'x86_64')).toThrow(/not validated/);
  });

  test.each([
    ['/syscalls/1/errnoRet', rule({ errnoRet: 1 })],
    ['/defaultErrnoRet', { ...base, defaultAction: 'SCMP_ACT_KILL', defaultErrnoRet: 1 }],
    ['/syscalls/1/names', rule({ names: [] })],
    ['/listenerMetadata', { ...base, listenerMetadata: 'x' }],
  ])('%s is left out of a profile that is used', (pointer, seccomp) => {
    expect(validateSpec(parseJson(text(seccomp))).problems.map((problem) => problem.pointer)).toEqual([at + pointer]);
    const warnings: string[] = [];
    const { linux } = parseSpec(text(seccomp), (warning) => warnings.push(warning.pointer));
    expect(warnings).toEqual([at + pointer]);
    expect(() => compileSeccomp(linux?.seccomp as LinuxSeccomp, 'x86_64')).not.toThrow();
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
