import { __X32_SYSCALL_BIT } from '../../kernel.gen.ts';
import type { Arch } from '../types.ts';
import { type Architecture, relatedArchitectures } from './architectures.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

/** A system call as a filter sees it. */
export interface SystemCall {
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  /** With the bit of x32. */
  readonly number: number;
}

/** System calls in the words of a profile. */
export interface NamedCalls {
  /** Names; where a number has two, both. */
  readonly names: ReadonlySet<string>;
  readonly architectures: ReadonlySet<Arch>;
  /** Those that no name is known of, for people: "SCMP_ARCH_X86_64 999". */
  readonly nameless: readonly string[];
}

function namesByNumber({ table, base }: Architecture): Map<number, string[]> {
  const result = new Map<number, string[]>();
  forEachSyscall(table, (name, number) => {
    result.set(number + base, [...(result.get(number + base) ?? []), name]);
  });
  return result;
}

/** @param machine what `uname -m` says */
export function namedCalls(calls: readonly SystemCall[], machine: string): NamedCalls {
  const names = new Set<string>();
  const architectures = new Set<Arch>();
  const nameless: string[] = [];
  const tables = relatedArchitectures(machine).map((architecture) => ({ architecture, known: namesByNumber(architecture) }));
  for (const { audit, number } of calls) {
    const own = tables.filter(({ architecture }) => architecture.audit === audit);
    const table = own.find(({ architecture }) => architecture.base > 0 === (number >= __X32_SYSCALL_BIT && own.length > 1)) ?? own[0];
    const found = table?.known.get(number);
    if (table && found) {
      architectures.add(table.architecture.name);
      for (const name of found) names.add(name);
    } else nameless.push(`${table?.architecture.name ?? `architecture 0x${audit.toString(16)}`} ${number}`);
  }
  return { names, architectures, nameless: nameless.sort() };
}
