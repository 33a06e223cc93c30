import type { LinuxSeccomp } from '../types.ts';
import { actionText } from './actions.ts';
import { type Architecture, servedArchitectures } from './architectures.ts';
import type { Condition } from './conditions.ts';
import { interpret } from './interpreter.ts';
import { worstCase } from './listing.ts';
import { isMultiplexer } from './multiplexed.ts';
import { rulesInOrder } from './outcomes.ts';
import { type Profile, resolveProfile } from './rules.ts';
import { compileSeccomp } from './seccomp.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

/** One way in which a call is decided; they are tried in order. */
export interface Decision {
  /** "ALLOW", "ERRNO(1)". */
  readonly action: string;
  /** What must hold, in words; empty: nothing. */
  readonly conditions: readonly string[];
  /** JSON pointer of what says so. */
  readonly pointer: string;
  readonly why: string;
}

/** What happens to a system call on one architecture. */
export interface Explanation {
  readonly architecture: string;
  /** Number with the bit of x32; undefined: the architecture has no such call. */
  readonly number: number | undefined;
  readonly decisions: readonly Decision[];
}

/** What a filter costs. */
export interface Measure {
  /** Instructions. */
  readonly size: number;
  /** Instructions that the longest way through the program runs. */
  readonly worst: number;
  /** The same as a mean over the calls of the machine's own architecture, all arguments being 0. */
  readonly mean: number;
}

const symbols: Readonly<Record<Condition['op'], string>> = {
  SCMP_CMP_NE: '!=',
  SCMP_CMP_LT: '<',
  SCMP_CMP_LE: '<=',
  SCMP_CMP_EQ: '==',
  SCMP_CMP_GE: '>=',
  SCMP_CMP_GT: '>',
  SCMP_CMP_MASKED_EQ: '==',
};

function conditionText({ argument, op, value, mask }: Condition): string {
  const number = (some: bigint): string => (some < 4096n ? String(some) : `0x${some.toString(16)}`);
  const left = op === 'SCMP_CMP_MASKED_EQ' ? `(argument ${argument} & ${number(mask)})` : `argument ${argument}`;
  return `${left} ${symbols[op]} ${number(value)}`;
}

/** Decides a call that no rule matches, as the program does: by running it. */
function remainder(profile: Profile, program: Uint8Array, { audit, bigEndian }: Architecture, number: number, rules: boolean): Decision {
  if (rules) {
    const why = 'no rule for the call matches: the default action';
    return { action: actionText(profile.defaultAction), conditions: [], pointer: '/linux/seccomp/defaultAction', why };
  }
  const { action } = interpret(program, { number, audit, args: [] }, bigEndian);
  const why = action === profile.defaultAction ? 'no rule names the call: the default action' : 'the call is newer than the profile';
  return { action: actionText(action), conditions: [], pointer: '/linux/seccomp/defaultAction', why };
}

function decisions(
  profile: Profile,
  program: Uint8Array,
  architecture: Architecture,
  names: readonly string[],
  number: number,
): Decision[] {
  const rules = rulesInOrder(
    names.flatMap((name) => profile.rules.get(name) ?? []),
    architecture.bits,
  );
  const own = rules.map(({ action, conditions, pointer }) => ({
    action: actionText(action),
    conditions: conditions.map(conditionText),
    pointer,
    why: conditions.length === 0 ? 'the rule decides alone' : 'the rule, when all of this holds',
  }));
  if (rules.some(({ conditions }) => conditions.length === 0)) return own;
  if (!names.some(isMultiplexer)) return [...own, remainder(profile, program, architecture, number, rules.length > 0)];
  const why = 'what the call behind it gets, by its number in argument 0; nothing more than the default where that hangs on arguments';
  return [...own, { action: 'as the call behind it', conditions: [], pointer: '/linux/seccomp/syscalls', why }];
}

/**
 * What happens to a system call on each architecture that the filter serves, the machine's own first.
 * @param call name, or number on the machine's own architecture
 * @throws RuntimeError what compileSeccomp throws
 */
export function explainSyscall(seccomp: LinuxSeccomp, machine: string, call: string): Explanation[] {
  const profile = resolveProfile(seccomp);
  const { program } = compileSeccomp(seccomp, machine);
  const byNumber = /^\d+$/.test(call);
  return servedArchitectures(seccomp.architectures ?? [], machine).flatMap((architecture, index): Explanation[] => {
    if (byNumber && index > 0) return [];
    let number = byNumber ? Number(call) : undefined;
    const known: { readonly name: string; readonly number: number }[] = [];
    forEachSyscall(architecture.table, (name, plain) => known.push({ name, number: plain + architecture.base }));
    number ??= known.find(({ name }) => name === call)?.number;
    if (number === undefined) return [{ architecture: architecture.name, number, decisions: [] }];
    const names = known.flatMap((some) => (some.number === number ? [some.name] : []));
    return [{ architecture: architecture.name, number, decisions: decisions(profile, program, architecture, names, number) }];
  });
}

/**
 * What a filter costs.
 * @throws RuntimeError what compileSeccomp throws
 */
export function measureFilter(seccomp: LinuxSeccomp, machine: string): Measure {
  const { program } = compileSeccomp(seccomp, machine);
  const [native] = servedArchitectures([], machine);
  let calls = 0;
  let steps = 0;
  if (native) {
    forEachSyscall(native.table, (_, number) => {
      calls++;
      steps += interpret(program, { number, audit: native.audit, args: [] }, native.bigEndian).steps;
    });
  }
  return { size: program.length / 8, worst: worstCase(program, native?.bigEndian ?? false), mean: steps / Math.max(1, calls) };
}
