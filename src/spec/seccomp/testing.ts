import type { RuntimeError } from '../../errors.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../types.ts';
import { interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';

export const X86_64 = 0xc000003e;
export const I386 = 0x40000003;
export const ARM = 0x40000028;
export const AARCH64 = 0xc00000b7;
export const X32_BIT = 0x40000000;

export const ALLOW = 0x7fff0000;
export const KILL_THREAD = 0;
export const EPERM = 0x00050001;
export const ENOSYS = 0x00050026;

export const allowed: LinuxSyscall = { names: ['read', 'personality', 'mseal'], action: 'SCMP_ACT_ALLOW' };
export const base: LinuxSeccomp = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'], syscalls: [allowed] };

export function profile(syscalls: readonly LinuxSyscall[], more: Partial<LinuxSeccomp> = {}): LinuxSeccomp {
  return { ...base, syscalls, ...more };
}

export function evaluate(seccomp: LinuxSeccomp, number: number, args: readonly bigint[] = [], audit = X86_64, machine = 'x86_64'): number {
  return interpret(compileSeccomp(seccomp, machine).program, { number, audit, args }).action;
}

export function failure(seccomp: unknown, machine = 'x86_64'): { code: string; pointer: string | undefined; message: string } {
  try {
    compileSeccomp(seccomp as LinuxSeccomp, machine);
  } catch (error) {
    const { code, pointer, message } = error as RuntimeError;
    return { code, pointer, message };
  }
  throw new Error('compiled');
}
