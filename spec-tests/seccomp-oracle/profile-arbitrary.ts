import fc from 'fast-check';
import { forEachSyscall } from '../../src/spec/seccomp/syscalls/syscalls.ts';
import type { Arch, LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArg, LinuxSeccompOperator, LinuxSyscall } from '../../src/spec/types.ts';

/** A profile and the machine it is compiled for. */
export interface Case {
  readonly machine: string;
  readonly seccomp: LinuxSeccomp;
}

const machines: Readonly<Record<string, readonly Arch[]>> = {
  x86_64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  i686: ['SCMP_ARCH_X86'],
  aarch64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  armv7l: ['SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  ppc64le: ['SCMP_ARCH_PPC64LE'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  mips64el: ['SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'],
};

function namesOf(...tables: readonly Parameters<typeof forEachSyscall>[0][]): string[] {
  const names = new Set<string>();
  // Names like "uretprobe" stand for numbers without a call; those of digits are gaps in the table.
  for (const table of tables) forEachSyscall(table, (name) => names.add(name));
  return [...names].filter((name) => !/^\d/.test(name));
}

const allNames = namesOf('x86_64', 'x86', 'x32', 'aarch64', 'arm');
/** Names whose rules meet those of others: a few, and those that x86 also reaches through socketcall(2) and ipc(2). */
const busyNames = ['read', 'openat', 'clone', 'personality', 'mmap', 'ioctl', 'socket', 'semctl'];
const operators: readonly LinuxSeccompOperator[] = [
  'SCMP_CMP_EQ',
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_GT',
  'SCMP_CMP_GE',
  'SCMP_CMP_MASKED_EQ',
];
const edges = [0n, 1n, 2n, 3n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0xffff_ffff_0000_0000n];
const top = 0xffff_ffff_ffff_ffffn;

const value = fc.oneof(fc.constantFrom(...edges, top - 1n, top), fc.bigInt({ min: 0n, max: top }), fc.bigInt({ min: 0n, max: 16n }));

const argument = (op: fc.Arbitrary<LinuxSeccompOperator>, index: fc.Arbitrary<number>): fc.Arbitrary<LinuxSeccompArg> =>
  fc.record({ index, op, value, valueTwo: value });

type Verdict = Pick<LinuxSyscall, 'action' | 'errnoRet'>;

const verdict: fc.Arbitrary<Verdict> = fc
  .record({
    action: fc.constantFrom<LinuxSeccompAction>(
      'SCMP_ACT_ALLOW',
      'SCMP_ACT_ALLOW',
      'SCMP_ACT_ERRNO',
      'SCMP_ACT_ERRNO',
      'SCMP_ACT_KILL',
      'SCMP_ACT_KILL_PROCESS',
      'SCMP_ACT_TRAP',
      'SCMP_ACT_TRACE',
      'SCMP_ACT_LOG',
      'SCMP_ACT_NOTIFY',
    ),
    errnoRet: fc.constantFrom(undefined, 0, 1, 38, 100, 0xffe),
  })
  .map(({ action, errnoRet }) =>
    errnoRet !== undefined && (action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE') ? { action, errnoRet } : { action },
  );

/** 1 to 4 tests of different arguments. */
const conjunction: fc.Arbitrary<LinuxSeccompArg[]> = fc
  .uniqueArray(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 })
  .chain((indexes) => fc.tuple(...indexes.map((index) => argument(fc.constantFrom(...operators), fc.constant(index)))));

type Unnamed = Omit<LinuxSyscall, 'names'>;

const withoutArgs: fc.Arbitrary<Unnamed[]> = verdict.map((some) => [some]);
const oneConjunction: fc.Arbitrary<Unnamed[]> = fc.tuple(verdict, conjunction).map(([some, args]) => [{ ...some, args }]);
/** Several values of one argument, each with a verdict of its own: at most one can hold. */
const choices: fc.Arbitrary<Unnamed[]> = fc
  .tuple(
    fc.nat({ max: 5 }),
    fc.uniqueArray(fc.tuple(value, verdict), { minLength: 2, maxLength: 6, selector: ([key]) => key & 0xffff_ffffn }),
  )
  .map(([index, list]) => list.map(([chosen, some]) => ({ ...some, args: [{ index, op: 'SCMP_CMP_EQ', value: chosen }] })));
/** What lies above, below and on a value. */
const ranges: fc.Arbitrary<Unnamed[]> = fc
  .tuple(fc.nat({ max: 5 }), fc.bigInt({ min: 1n, max: 0xffff_fffen }), verdict, verdict, fc.boolean())
  .map(([index, at, low, high, closed]) => [
    { ...low, args: [{ index, op: closed ? 'SCMP_CMP_LE' : 'SCMP_CMP_LT', value: at }] },
    { ...high, args: [{ index, op: closed ? 'SCMP_CMP_GT' : 'SCMP_CMP_GE', value: at }] },
  ]);
/** The same value of one argument first, then values of another: conjunctions that share their beginning. */
const branches: fc.Arbitrary<Unnamed[]> = fc
  .tuple(value, fc.uniqueArray(fc.tuple(value, verdict), { minLength: 2, maxLength: 4, selector: ([key]) => key & 0xffff_ffffn }))
  .map(([first, list]) =>
    list.map(([second, some]) => ({
      ...some,
      args: [
        { index: 0, op: 'SCMP_CMP_EQ', value: first },
        { index: 1, op: 'SCMP_CMP_EQ', value: second },
      ],
    })),
  );
/** A rule that decides alone, beside one that says less. */
const overruled: fc.Arbitrary<Unnamed[]> = fc
  .tuple(verdict, conjunction, fc.boolean())
  .map(([some, args, before]) => (before ? [some, { ...some, args }] : [{ ...some, args }, some]));

/** Rules for one name of which at most one verdict can match a call. */
const disjoint: fc.Arbitrary<Unnamed[]> = fc.oneof(
  { weight: 6, arbitrary: withoutArgs },
  { weight: 3, arbitrary: oneConjunction },
  { weight: 2, arbitrary: choices },
  { weight: 2, arbitrary: ranges },
  { weight: 1, arbitrary: branches },
  { weight: 1, arbitrary: overruled },
);

function assembled(rules: fc.Arbitrary<LinuxSyscall[]>): fc.Arbitrary<Case> {
  const machine = fc.constantFrom('x86_64', 'x86_64', 'x86_64', ...Object.keys(machines));
  return machine.chain((chosen) =>
    fc
      .record({
        byDefault: verdict.filter(({ action }) => action !== 'SCMP_ACT_NOTIFY'),
        architectures: fc.subarray([...(machines[chosen] ?? [])]),
        syscalls: rules,
      })
      .map(({ byDefault: { action, errnoRet }, architectures, syscalls }) => ({
        machine: chosen,
        seccomp: {
          defaultAction: action,
          ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
          architectures,
          listenerPath: '/run/agent',
          syscalls,
        },
      })),
  );
}

/** Profiles in which no two rules of different verdicts match the same call. */
export const plainProfiles: fc.Arbitrary<Case> = assembled(
  fc.uniqueArray(fc.tuple(fc.subarray(allNames, { minLength: 1, maxLength: 40 }), disjoint), { maxLength: 8 }).map((groups) => {
    const taken = new Set<string>();
    return groups.flatMap(([names, rules]) => {
      const own = names.filter((name) => !taken.has(name) && taken.add(name));
      return own.length === 0 ? [] : rules.map((rule) => ({ ...rule, names: own }));
    });
  }),
);

const anyRule: fc.Arbitrary<LinuxSyscall> = fc
  .tuple(
    fc.subarray(busyNames, { minLength: 1 }),
    verdict,
    fc.oneof(fc.constant([]), conjunction, fc.array(argument(fc.constantFrom(...operators), fc.nat({ max: 2 })), { maxLength: 4 })),
  )
  .map(([names, some, args]) => ({ ...some, names, args }));

/** Profiles in which anything may overlap. */
export const overlappingProfiles: fc.Arbitrary<Case> = assembled(fc.array(anyRule, { minLength: 1, maxLength: 6 }));

const anyNumber = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), fc.bigInt(), value);
const anyWord = (...known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...known) }, fc.string());

/** Profiles of the right shape with any words and numbers in them. */
export const wildProfiles: fc.Arbitrary<Case> = fc.record({
  machine: anyWord(...Object.keys(machines)),
  seccomp: fc.record(
    {
      defaultAction: anyWord('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'SCMP_ACT_NOTIFY', 'toString'),
      defaultErrnoRet: fc.option(anyNumber, { nil: undefined, freq: 5 }),
      architectures: fc.array(anyWord(...Object.values(machines).flat()), { maxLength: 4 }),
      flags: fc.array(anyWord('SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_TSYNC'), { maxLength: 3 }),
      listenerPath: fc.constantFrom('', '/run/agent'),
      syscalls: fc.array(
        fc.record(
          {
            names: fc.array(anyWord(...allNames, '__proto__', 'constructor'), { maxLength: 6 }),
            action: anyWord('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE', 'SCMP_ACT_NOTIFY', 'SCMP_ACT_LOG'),
            errnoRet: fc.option(anyNumber, { nil: undefined, freq: 8 }),
            args: fc.array(
              fc.record({ index: fc.oneof(fc.nat({ max: 5 }), anyNumber), op: anyWord(...operators), value: anyNumber, valueTwo: value }),
              {
                maxLength: 4,
              },
            ),
          },
          { requiredKeys: ['names', 'action'] },
        ),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['defaultAction'] },
  ),
}) as unknown as fc.Arbitrary<Case>;
