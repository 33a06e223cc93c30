import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arch, LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from '../types.ts';
import { servedArchitectures } from './architectures.ts';
import { inOrder, narrowed, resolveCondition } from './conditions.ts';
import { type Call, interpret } from './interpreter.ts';
import { compileSeccomp } from './seccomp.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const actions = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_LOG: 0x7ffc0000,
} as const;
type Action = keyof typeof actions;

const actionOf = (action: string, errno?: number): number => actions[action as Action] + (action === 'SCMP_ACT_ERRNO' ? (errno ?? 1) : 0);

const numbersOf = new Map<Arch, ReadonlyMap<string, number>>();
for (const { name, table, base } of servedArchitectures(['SCMP_ARCH_X86', 'SCMP_ARCH_X32'], 'x86_64')) {
  const numbers = new Map<string, number>();
  forEachSyscall(table, (call, number) => numbers.set(call, number + base));
  numbersOf.set(name, numbers);
}

function archOf({ number, audit }: Call, profile: LinuxSeccomp): Arch | undefined {
  const wanted: Arch = audit === I386 ? 'SCMP_ARCH_X86' : number >= 0x40000000 ? 'SCMP_ARCH_X32' : 'SCMP_ARCH_X86_64';
  return wanted === 'SCMP_ARCH_X86_64' || profile.architectures?.includes(wanted) ? wanted : undefined;
}

function holds(arg: LinuxSeccompArg, { args }: Call, bits: 32 | 64): boolean {
  const cut = (value: number | bigint): bigint => BigInt.asUintN(bits, BigInt(value));
  const left = cut(args[arg.index] ?? 0n);
  const right = cut(arg.value);
  switch (arg.op) {
    case 'SCMP_CMP_NE':
      return left !== right;
    case 'SCMP_CMP_LT':
      return left < right;
    case 'SCMP_CMP_LE':
      return left <= right;
    case 'SCMP_CMP_EQ':
      return left === right;
    case 'SCMP_CMP_GE':
      return left >= right;
    case 'SCMP_CMP_GT':
      return left > right;
    case 'SCMP_CMP_MASKED_EQ':
      return (left & right) === (cut(arg.valueTwo ?? 0) & right);
  }
}

interface FlatRule {
  readonly action: number;
  readonly args: readonly LinuxSeccompArg[];
}

/** The rules for a number, each with args on different arguments, in the order they are tried. */
function rulesFor(profile: LinuxSeccomp, arch: Arch, number: number): FlatRule[] {
  const bits = arch === 'SCMP_ARCH_X86_64' ? 64 : 32;
  const rules = (profile.syscalls ?? []).flatMap(({ names, action, errnoRet, args = [] }): FlatRule[] => {
    const value = actionOf(action, errnoRet);
    if (!names.some((name) => numbersOf.get(arch)?.get(name) === number)) return [];
    if (value === actionOf(profile.defaultAction, profile.defaultErrnoRet)) return [];
    const useful = args.filter((arg) => narrowed(resolveCondition(arg), bits));
    const repeated = new Set(args.map(({ index }) => index)).size < args.length;
    if (repeated && useful.length < args.length) return [{ action: value, args: [] }];
    return repeated ? args.map((arg) => ({ action: value, args: [arg] })) : [{ action: value, args: useful }];
  });
  const always = rules.find(({ args }) => args.length === 0);
  if (always) return [always];
  const conditions = (args: readonly LinuxSeccompArg[]) =>
    args.map((arg) => narrowed(resolveCondition(arg), bits) ?? resolveCondition(arg)).sort((a, b) => a.argument - b.argument);
  return inOrder(
    rules.map((rule) => ({ ...rule, conditions: conditions(rule.args) })),
    bits,
  );
}

/** What a profile says of a call, without trees, ranges or merging. */
function reference(profile: LinuxSeccomp, call: Call): number {
  const arch = archOf(call, profile);
  if (!arch && call.audit === X86_64 && call.number === 0xffffffff) return actionOf(profile.defaultAction, profile.defaultErrnoRet);
  if (!arch) return 0;
  const numbers = numbersOf.get(arch);
  const rule = rulesFor(profile, arch, call.number).find(({ args }) =>
    args.every((arg) => holds(arg, call, arch === 'SCMP_ARCH_X86_64' ? 64 : 32)),
  );
  if (rule) return rule.action;
  const named = (profile.syscalls ?? []).flatMap(({ names }) => names.map((name) => numbers?.get(name) ?? 0));
  const largest = Math.max(0, ...named);
  const refuses = profile.defaultAction !== 'SCMP_ACT_ALLOW' && profile.defaultAction !== 'SCMP_ACT_LOG';
  if (refuses && largest > 0 && call.number > largest) return 0x00050026;
  return actionOf(profile.defaultAction, profile.defaultErrnoRet);
}

const boundaries = [0n, 1n, 2n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0xffff_ffff_ffff_ffffn];
const value = fc.constantFrom(...boundaries);
const argument: fc.Arbitrary<LinuxSeccompArg> = fc.record({
  index: fc.constantFrom(0, 1, 5),
  op: fc.constantFrom<LinuxSeccompArg['op']>(
    'SCMP_CMP_NE',
    'SCMP_CMP_LT',
    'SCMP_CMP_LE',
    'SCMP_CMP_EQ',
    'SCMP_CMP_GE',
    'SCMP_CMP_GT',
    'SCMP_CMP_MASKED_EQ',
  ),
  value,
  valueTwo: value,
});
// None of them goes through socketcall or ipc: those have their own tests.
const callNames = [
  'read',
  'write',
  'open',
  'close',
  'clone',
  'personality',
  'mmap',
  'ioctl',
  'rt_sigaction',
  'execveat',
  'clone3',
  'mseal',
  'listns',
];
const action = fc.constantFrom<Action>('SCMP_ACT_KILL', 'SCMP_ACT_ERRNO', 'SCMP_ACT_TRAP', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG');
const rule: fc.Arbitrary<LinuxSyscall> = fc
  .record({
    names: fc.subarray(callNames, { minLength: 1 }),
    action,
    args: fc.array(argument, { maxLength: 3 }),
    errnoRet: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ errnoRet, ...rest }) => (rest.action === 'SCMP_ACT_ERRNO' ? { ...rest, errnoRet } : rest));
const profiles: fc.Arbitrary<LinuxSeccomp> = fc.record({
  defaultAction: action,
  architectures: fc.subarray<Arch>(['SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_X86_64']),
  syscalls: fc.array(rule, { maxLength: 8 }),
});

function compiled(profile: LinuxSeccomp): Uint8Array | undefined {
  try {
    return compileSeccomp(profile, 'x86_64').program;
  } catch (error) {
    if ((error as { code?: string }).code === 'SECCOMP_CONFLICT') return undefined;
    throw error;
  }
}

const edges = [0x3fffffff, 0x40000000, 0x40000001, 0x400001ff, 0x40000200, 0x40000207, 0x40000208, 0x7fffffff, 0x80000000, 0xffffffff];
const numbers = [...Array.from({ length: 601 }, (_, number) => number), ...edges];

describe('the program does what the profile says', () => {
  test('for every number', () => {
    fc.assert(
      fc.property(profiles, fc.array(value, { minLength: 6, maxLength: 6 }), (profile, args) => {
        const program = compiled(profile);
        fc.pre(program !== undefined);
        for (const audit of [X86_64, I386, 0xc00000b7]) {
          for (const number of numbers) {
            const call = { number, audit, args };
            const expected = audit === 0xc00000b7 ? 0 : reference(profile, call);
            const { action } = interpret(program, call);
            if (action !== expected) expect({ ...call, action }).toEqual({ ...call, action: expected });
          }
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('for every combination of boundary values', () => {
    const one = fc.record({
      defaultAction: action,
      architectures: fc.constant<Arch[]>(['SCMP_ARCH_X86']),
      syscalls: fc.array(
        rule.map((some) => ({ ...some, names: ['personality'] })),
        { minLength: 1, maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(one, (profile) => {
        const program = compiled(profile);
        fc.pre(program !== undefined);
        for (const a of boundaries) {
          for (const b of boundaries) {
            for (const [number, audit] of [
              [135, X86_64],
              [136, I386],
            ] as const) {
              const call = { number, audit, args: [a, b, 0n, 0n, 0n, a] };
              const { action } = interpret(program, call);
              const expected = reference(profile, call);
              if (action !== expected) expect({ ...call, action }).toEqual({ ...call, action: expected });
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
