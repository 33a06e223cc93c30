import { isPermissive } from '../../src/spec/seccomp/actions.ts';
import { servedArchitectures } from '../../src/spec/seccomp/architectures.ts';
import { resolveProfile } from '../../src/spec/seccomp/rules.ts';
import { compileSeccomp } from '../../src/spec/seccomp/seccomp.ts';
import { forEachSyscall } from '../../src/spec/seccomp/syscalls/syscalls.ts';
import type { LinuxSeccomp } from '../../src/spec/types.ts';

/** libseccomp's numbers of the operators (enum scmp_compare). */
const operators = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
} as const;

const hex = (value: number): string => value.toString(16);

const tables = new Map<string, ReadonlyMap<string, number>>();

/** Numbers of an architecture's calls by name, the architecture's base included. */
function numbersOf({ name, table, base }: ReturnType<typeof servedArchitectures>[number]): ReadonlyMap<string, number> {
  const known = tables.get(name);
  if (known) return known;
  const numbers = new Map<string, number>();
  forEachSyscall(table, (call, number) => numbers.set(call, number + base));
  tables.set(name, numbers);
  return numbers;
}

/**
 * A profile and its compiled program as the oracle reads them (read.c).
 * @param machine what `uname -m` says
 * @throws RuntimeError what compileSeccomp throws
 */
export function profileText(id: string, seccomp: LinuxSeccomp, machine: string): string {
  const { program } = compileSeccomp(seccomp, machine);
  const { defaultAction, rules } = resolveProfile(seccomp);
  const served = servedArchitectures(seccomp.architectures ?? [], machine);
  const names = [...rules.keys()];
  const written = names.flatMap((name, index) =>
    (rules.get(name) ?? []).map(({ action, conditions, pointer }) => {
      const tests = conditions.map(({ argument, op, value, mask }) =>
        op === 'SCMP_CMP_MASKED_EQ' ? `${argument} ${operators[op]} ${mask} ${value}` : `${argument} ${operators[op]} ${value} 0`,
      );
      return { order: Number(pointer.split('/')[4]), line: ['rule', hex(action), index, ...tests].join(' ') };
    }),
  );
  return [
    `profile ${id} ${hex(defaultAction)} ${isPermissive(defaultAction) ? 0 : 1} ${served[0]?.bigEndian ? 1 : 0}`,
    ...served.map(
      ({ name, audit, base, bits }) => `arch ${name.slice('SCMP_ARCH_'.length).toLowerCase()} ${hex(audit)} ${hex(base)} ${bits}`,
    ),
    ...names.map((name) => `name ${name} ${served.map((architecture) => numbersOf(architecture).get(name) ?? -1).join(' ')}`),
    // In the order of the profile, as a runtime adds them.
    ...written.sort((a, b) => a.order - b.order).map(({ line }) => line),
    `program ${Buffer.from(program).toString('hex')}`,
    'end\n',
  ].join('\n');
}
