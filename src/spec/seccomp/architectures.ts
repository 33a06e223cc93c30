import { RuntimeError } from '../../errors.ts';
import { __AUDIT_ARCH_LE, __X32_SYSCALL_BIT, auditArchitectures as audit } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import type { Arch } from '../types.ts';
import { unvalidated } from '../unvalidated.ts';
import type { SyscallTable } from './syscalls/syscalls.ts';

/** What the filter has to know of an architecture. */
export interface Architecture {
  readonly name: Arch;
  /** AUDIT_ARCH_* that the kernel puts into seccomp_data.arch. */
  readonly audit: number;
  /** Width of the arguments that a rule sees; the upper half of a 32-bit call's arguments is not compared. */
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  readonly table: SyscallTable;
  /** Added to the table's numbers. */
  readonly base: number;
}

function of(name: Arch, audit: number, bits: 32 | 64, table: SyscallTable, base = 0): Architecture {
  return { name, audit, bits, bigEndian: (audit & __AUDIT_ARCH_LE) === 0, table, base };
}

const list: readonly Architecture[] = [
  of('SCMP_ARCH_X86_64', audit.AUDIT_ARCH_X86_64, 64, 'x86_64'),
  of('SCMP_ARCH_X86', audit.AUDIT_ARCH_I386, 32, 'x86'),
  // x32 shares AUDIT_ARCH_X86_64 and is told by a bit of the number; its longs are 32 bits wide.
  of('SCMP_ARCH_X32', audit.AUDIT_ARCH_X86_64, 32, 'x32', __X32_SYSCALL_BIT),
  of('SCMP_ARCH_AARCH64', audit.AUDIT_ARCH_AARCH64, 64, 'aarch64'),
  of('SCMP_ARCH_ARM', audit.AUDIT_ARCH_ARM, 32, 'arm'),
  of('SCMP_ARCH_RISCV64', audit.AUDIT_ARCH_RISCV64, 64, 'riscv64'),
  of('SCMP_ARCH_LOONGARCH64', audit.AUDIT_ARCH_LOONGARCH64, 64, 'loongarch64'),
  of('SCMP_ARCH_PPC64LE', audit.AUDIT_ARCH_PPC64LE, 64, 'ppc64'),
  of('SCMP_ARCH_PPC64', audit.AUDIT_ARCH_PPC64, 64, 'ppc64'),
  of('SCMP_ARCH_PPC', audit.AUDIT_ARCH_PPC, 32, 'ppc'),
  of('SCMP_ARCH_S390X', audit.AUDIT_ARCH_S390X, 64, 's390x'),
  of('SCMP_ARCH_S390', audit.AUDIT_ARCH_S390, 32, 's390'),
  of('SCMP_ARCH_MIPSEL', audit.AUDIT_ARCH_MIPSEL, 32, 'mips'),
  of('SCMP_ARCH_MIPSEL64', audit.AUDIT_ARCH_MIPSEL64, 64, 'mips64'),
  of('SCMP_ARCH_MIPSEL64N32', audit.AUDIT_ARCH_MIPSEL64N32, 32, 'mips64n32'),
  of('SCMP_ARCH_MIPS', audit.AUDIT_ARCH_MIPS, 32, 'mips'),
  of('SCMP_ARCH_MIPS64', audit.AUDIT_ARCH_MIPS64, 64, 'mips64'),
  of('SCMP_ARCH_MIPS64N32', audit.AUDIT_ARCH_MIPS64N32, 32, 'mips64n32'),
  of('SCMP_ARCH_PARISC', audit.AUDIT_ARCH_PARISC, 32, 'parisc'),
  of('SCMP_ARCH_PARISC64', audit.AUDIT_ARCH_PARISC64, 64, 'parisc64'),
  of('SCMP_ARCH_M68K', audit.AUDIT_ARCH_M68K, 32, 'm68k'),
  of('SCMP_ARCH_SH', audit.AUDIT_ARCH_SHEL, 32, 'sh'),
  of('SCMP_ARCH_SHEB', audit.AUDIT_ARCH_SH, 32, 'sh'),
];

const byName: ReadonlyMap<string, Architecture> = new Map(list.map((architecture) => [architecture.name, architecture]));

/** Every architecture a profile may name. */
export const knownArchitectures: readonly Arch[] = list.map(({ name }) => name);

/** `uname -m` → the architecture whose calls the kernel serves first. */
const machines: Readonly<Record<string, Arch>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  aarch64: 'SCMP_ARCH_AARCH64',
  riscv64: 'SCMP_ARCH_RISCV64',
  loongarch64: 'SCMP_ARCH_LOONGARCH64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  ppc64: 'SCMP_ARCH_PPC64',
  ppc: 'SCMP_ARCH_PPC',
  s390x: 'SCMP_ARCH_S390X',
  s390: 'SCMP_ARCH_S390',
  mips: 'SCMP_ARCH_MIPS',
  mips64: 'SCMP_ARCH_MIPS64',
  mipsel: 'SCMP_ARCH_MIPSEL',
  mips64el: 'SCMP_ARCH_MIPSEL64',
  parisc: 'SCMP_ARCH_PARISC',
  parisc64: 'SCMP_ARCH_PARISC64',
  m68k: 'SCMP_ARCH_M68K',
};

/** What a processor runs beside its own. */
const related: Readonly<Partial<Record<Arch, readonly Arch[]>>> = {
  SCMP_ARCH_X86_64: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  SCMP_ARCH_AARCH64: ['SCMP_ARCH_ARM'],
  SCMP_ARCH_PPC64: ['SCMP_ARCH_PPC'],
  SCMP_ARCH_S390X: ['SCMP_ARCH_S390'],
  SCMP_ARCH_MIPS64: ['SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64N32'],
  SCMP_ARCH_MIPSEL64: ['SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'],
  SCMP_ARCH_PARISC64: ['SCMP_ARCH_PARISC'],
};

function nativeName(machine: string): string | undefined {
  if (/^i[3-6]86$/.test(machine)) return 'SCMP_ARCH_X86';
  if (/^arm(v\d+\w*)?$/.test(machine)) return 'SCMP_ARCH_ARM';
  return lookup(machines, machine);
}

/**
 * The architecture of a machine.
 * @param machine what `uname -m` says
 * @throws RuntimeError SECCOMP_UNSUPPORTED_MACHINE
 */
function nativeArchitecture(machine: string): Architecture {
  const native = byName.get(nativeName(machine) ?? '');
  if (native) return native;
  throw new RuntimeError('SECCOMP_UNSUPPORTED_MACHINE', `no seccomp filter can be made for machine "${machine}"`, {
    pointer: '/linux/seccomp',
  });
}

/**
 * The architectures a filter serves: the machine's own first, then those of the profile, each once. Those of the other byte
 * order are left out: no process on this machine can have them.
 * @throws RuntimeError SECCOMP_UNSUPPORTED_MACHINE
 */
export function servedArchitectures(names: readonly string[], machine: string): Architecture[] {
  const native = nativeArchitecture(machine);
  const served = new Set([native]);
  for (const name of names) {
    const architecture = byName.get(name);
    if (!architecture) throw unvalidated(`seccomp has no architecture ${name}`);
    if (architecture.bigEndian === native.bigEndian) served.add(architecture);
  }
  return [...served];
}

/**
 * The architectures whose programs a machine may run, its own first.
 * @throws RuntimeError SECCOMP_UNSUPPORTED_MACHINE
 */
export const relatedArchitectures = (machine: string): Architecture[] =>
  servedArchitectures(lookup(related, nativeArchitecture(machine).name) ?? [], machine);
