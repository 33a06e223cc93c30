import { aarch64Syscalls, armSyscalls } from './arm.gen.ts';
import { loongarch64Syscalls, riscv64Syscalls } from './generic.gen.ts';
import { m68kSyscalls } from './m68k.gen.ts';
import { mips64n32Syscalls, mips64Syscalls, mipsSyscalls } from './mips.gen.ts';
import { parisc64Syscalls, pariscSyscalls } from './parisc.gen.ts';
import { ppc64Syscalls, ppcSyscalls } from './powerpc.gen.ts';
import { s390Syscalls, s390xSyscalls } from './s390.gen.ts';
import { shSyscalls } from './sh.gen.ts';
import { decodeSyscalls } from './table.ts';
import { x32Syscalls, x86Syscalls, x86x64Syscalls } from './x86.gen.ts';

const tables = {
  x86_64: x86x64Syscalls,
  x86: x86Syscalls,
  x32: x32Syscalls,
  aarch64: aarch64Syscalls,
  arm: armSyscalls,
  riscv64: riscv64Syscalls,
  loongarch64: loongarch64Syscalls,
  mips: mipsSyscalls,
  mips64: mips64Syscalls,
  mips64n32: mips64n32Syscalls,
  ppc: ppcSyscalls,
  ppc64: ppc64Syscalls,
  s390: s390Syscalls,
  s390x: s390xSyscalls,
  parisc: pariscSyscalls,
  parisc64: parisc64Syscalls,
  m68k: m68kSyscalls,
  sh: shSyscalls,
} as const;

export type SyscallTable = keyof typeof tables;

/** Calls `visit` for every system call of an architecture, in the order of the numbers (syscalls(2)). */
export function forEachSyscall(table: SyscallTable, visit: (name: string, number: number) => void): void {
  decodeSyscalls(tables[table], visit);
}

/** Whether any architecture at all has a system call of this name. */
export function isSyscallName(name: string): boolean {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) return false;
  const word = ` ${name} `;
  return Object.values(tables).some((table) => table.includes(word) || table.endsWith(word.slice(0, -1)));
}
