import { RuntimeError } from '../../errors.ts';
import { lookup } from '../../lookup.ts';
import type { Arch } from '../../spec/types.ts';
import type { SyscallTable } from './syscalls/syscalls.ts';

/** What the filter has to know of an architecture: <linux/audit.h> for `audit`. */
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

/** __X32_SYSCALL_BIT of <asm/unistd.h>. */
export const X32_BIT = 0x40000000;
const WIDE = 0x80000000;
const LITTLE = 0x40000000;
const N32 = 0x20000000;

function little(name: Arch, machine: number, bits: 32 | 64, table: SyscallTable, base = 0): Architecture {
  return { name, audit: machine + LITTLE, bits, bigEndian: false, table, base };
}

function big(name: Arch, machine: number, bits: 32 | 64, table: SyscallTable): Architecture {
  return { name, audit: machine, bits, bigEndian: true, table, base: 0 };
}

const list: readonly Architecture[] = [
  little('SCMP_ARCH_X86_64', 62 + WIDE, 64, 'x86_64'),
  little('SCMP_ARCH_X86', 3, 32, 'x86'),
  // x32 shares AUDIT_ARCH_X86_64 and is told by a bit of the number; its longs are 32 bits wide.
  little('SCMP_ARCH_X32', 62 + WIDE, 32, 'x32', X32_BIT),
  little('SCMP_ARCH_AARCH64', 183 + WIDE, 64, 'aarch64'),
  little('SCMP_ARCH_ARM', 40, 32, 'arm'),
  little('SCMP_ARCH_RISCV64', 243 + WIDE, 64, 'riscv64'),
  little('SCMP_ARCH_LOONGARCH64', 258 + WIDE, 64, 'loongarch64'),
  little('SCMP_ARCH_PPC64LE', 21 + WIDE, 64, 'ppc64'),
  big('SCMP_ARCH_PPC64', 21 + WIDE, 64, 'ppc64'),
  big('SCMP_ARCH_PPC', 20, 32, 'ppc'),
  big('SCMP_ARCH_S390X', 22 + WIDE, 64, 's390x'),
  big('SCMP_ARCH_S390', 22, 32, 's390'),
  little('SCMP_ARCH_MIPSEL', 8, 32, 'mips'),
  little('SCMP_ARCH_MIPSEL64', 8 + WIDE, 64, 'mips64'),
  little('SCMP_ARCH_MIPSEL64N32', 8 + WIDE + N32, 32, 'mips64n32'),
  big('SCMP_ARCH_MIPS', 8, 32, 'mips'),
  big('SCMP_ARCH_MIPS64', 8 + WIDE, 64, 'mips64'),
  big('SCMP_ARCH_MIPS64N32', 8 + WIDE + N32, 32, 'mips64n32'),
  big('SCMP_ARCH_PARISC', 15, 32, 'parisc'),
  big('SCMP_ARCH_PARISC64', 15 + WIDE, 64, 'parisc64'),
  big('SCMP_ARCH_M68K', 4, 32, 'm68k'),
  little('SCMP_ARCH_SH', 42, 32, 'sh'),
  big('SCMP_ARCH_SHEB', 42, 32, 'sh'),
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
 * @throws RuntimeError SECCOMP_UNKNOWN_ARCHITECTURE, SECCOMP_UNSUPPORTED_MACHINE
 */
export function servedArchitectures(names: readonly string[], machine: string): Architecture[] {
  const native = nativeArchitecture(machine);
  const served = new Set([native]);
  for (const [index, name] of names.entries()) {
    const architecture = byName.get(name);
    if (!architecture) {
      throw new RuntimeError('SECCOMP_UNKNOWN_ARCHITECTURE', `string ${name} is not a valid arch for seccomp`, {
        pointer: `/linux/seccomp/architectures/${index}`,
      });
    }
    if (architecture.bigEndian === native.bigEndian) served.add(architecture);
  }
  return [...served];
}
