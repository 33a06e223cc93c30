import { RuntimeError } from '../errors.ts';
import type { LinuxSeccompArg, LinuxSeccompOperator, Uint64 } from '../spec/types.ts';

/** A test of one argument as the profile states it. */
export interface Condition {
  /** 0 to 5. */
  readonly argument: number;
  readonly op: LinuxSeccompOperator;
  /** What the argument is compared with; for MASKED_EQ within the mask. */
  readonly value: bigint;
  /** All ones but for MASKED_EQ. */
  readonly mask: bigint;
}

const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** Rank of an operator among tests of one argument: exact ones are tried before ranges. */
const ranks: Readonly<Record<LinuxSeccompOperator, number>> = {
  SCMP_CMP_EQ: 0,
  SCMP_CMP_NE: 1,
  SCMP_CMP_MASKED_EQ: 2,
  SCMP_CMP_LT: 3,
  SCMP_CMP_LE: 4,
  SCMP_CMP_GT: 5,
  SCMP_CMP_GE: 6,
};

/** Every operator a profile may name. */
export const knownOperators = Object.keys(ranks) as LinuxSeccompOperator[];

function exact(value: Uint64, pointer: string): bigint {
  const result = typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (result >= 0n && result <= ALL_ONES) return result;
  throw new RuntimeError('SECCOMP_BAD_VALUE', `seccomp argument value ${value} is not an unsigned 64-bit number`, { pointer });
}

/**
 * Checks one member of `args`.
 * @throws RuntimeError SECCOMP_UNKNOWN_OPERATOR, SECCOMP_BAD_INDEX, SECCOMP_BAD_VALUE
 */
export function resolveCondition(arg: LinuxSeccompArg, pointer: string): Condition {
  if (!Object.hasOwn(ranks, arg.op)) {
    throw new RuntimeError('SECCOMP_UNKNOWN_OPERATOR', `string ${arg.op} is not a valid operator for seccomp`, {
      pointer: `${pointer}/op`,
    });
  }
  if (!Number.isInteger(arg.index) || arg.index < 0 || arg.index > 5) {
    throw new RuntimeError('SECCOMP_BAD_INDEX', `seccomp argument index ${arg.index} is not between 0 and 5`, {
      pointer: `${pointer}/index`,
    });
  }
  const first = exact(arg.value, `${pointer}/value`);
  if (arg.op !== 'SCMP_CMP_MASKED_EQ') return { argument: arg.index, op: arg.op, value: first, mask: ALL_ONES };
  return { argument: arg.index, op: arg.op, value: first & exact(arg.valueTwo ?? 0, `${pointer}/valueTwo`), mask: first };
}

/** A condition as an architecture of this width sees it; undefined when it is always true. */
export function narrowed(condition: Condition, bits: 32 | 64): Condition | undefined {
  const mask = bits === 64 ? condition.mask : condition.mask & 0xffff_ffffn;
  if (mask === 0n) return undefined;
  return bits === 64 ? condition : { ...condition, mask, value: condition.value & 0xffff_ffffn };
}

const range = (op: LinuxSeccompOperator): number => (ranks[op] < 3 ? 0 : ranks[op] < 5 ? 1 : 2);

function compareConditions(a: Condition, b: Condition): number {
  if (a.argument !== b.argument) return b.argument - a.argument;
  if (range(a.op) !== range(b.op)) return range(a.op) - range(b.op);
  if (a.value !== b.value) return a.value > b.value === (range(a.op) === 1) ? 1 : -1;
  if (a.op !== b.op) return ranks[a.op] - ranks[b.op];
  return a.mask === b.mask ? 0 : a.mask > b.mask ? -1 : 1;
}

/**
 * The order in which rules of one system call are tried, whatever their order in the profile (libseccomp's): by the lowest
 * argument, higher ones first; exact tests before "less" before "greater", narrower ranges first; a rule before its extensions.
 * 0 for rules with the same conditions.
 */
export function compareRules(a: readonly Condition[], b: readonly Condition[]): number {
  for (const [index, condition] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    const order = compareConditions(condition, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
