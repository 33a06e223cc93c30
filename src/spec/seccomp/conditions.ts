import type { LinuxSeccompArg, LinuxSeccompOperator } from '../types.ts';
import { unvalidated } from '../unvalidated.ts';

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

/** One member of `args`. */
export function resolveCondition(arg: LinuxSeccompArg): Condition {
  if (!Object.hasOwn(ranks, arg.op) || arg.index > 5) throw unvalidated(`seccomp argument ${arg.index} with the operator ${arg.op}`);
  const first = BigInt(arg.value);
  if (arg.op !== 'SCMP_CMP_MASKED_EQ') return { argument: arg.index, op: arg.op, value: first, mask: ALL_ONES };
  return { argument: arg.index, op: arg.op, value: first & BigInt(arg.valueTwo ?? 0), mask: first };
}

/** A condition as an architecture of this width sees it; undefined when it is always true. */
export function narrowed(condition: Condition, bits: 32 | 64): Condition | undefined {
  const mask = bits === 64 ? condition.mask : condition.mask & 0xffff_ffffn;
  if (mask === 0n) return undefined;
  return bits === 64 ? condition : { ...condition, mask, value: condition.value & 0xffff_ffffn };
}

/** One comparison of 32 bits: the kernel's programs know no wider ones. */
interface Word {
  /** Twice the argument, and one more for its upper half. */
  readonly place: number;
  /** Exact tests, then "less", then "greater". */
  readonly range: number;
  readonly value: bigint;
  /** The same for comparisons that differ at most in which outcome of them is wanted. */
  readonly key: string;
}

const range = (op: LinuxSeccompOperator): number => (ranks[op] < 3 ? 0 : ranks[op] < 5 ? 1 : 2);

function comparison(op: LinuxSeccompOperator, upper: boolean): string {
  if (op === 'SCMP_CMP_MASKED_EQ') return 'masked';
  if (range(op) === 0) return 'equal';
  return upper || op === 'SCMP_CMP_LE' || op === 'SCMP_CMP_GT' ? 'above' : 'from';
}

function words({ argument, op, value, mask }: Condition, bits: 32 | 64): Word[] {
  const word = (upper: boolean): Word => {
    const half = (all: bigint): bigint => (upper ? all >> 32n : all & 0xffff_ffffn);
    const place = 2 * argument + (upper ? 1 : 0);
    const own = half(value);
    return { place, range: range(op), value: own, key: `${place} ${range(op)} ${comparison(op, upper)} ${own} ${half(mask)}` };
  };
  return bits === 64 ? [word(true), word(false)] : [word(false)];
}

function compareWords(a: Word, b: Word): number {
  if (a.place !== b.place) return b.place - a.place;
  if (a.range !== b.range) return a.range - b.range;
  if (a.value === b.value) return 0;
  return a.value > b.value === (a.range === 1) ? 1 : -1;
}

interface Entry<R> {
  readonly rule: R;
  readonly words: readonly Word[];
}

function arranged<R>(entries: readonly Entry<R>[], depth: number): readonly Entry<R>[] {
  if (entries.length < 2) return entries;
  const ended: Entry<R>[] = [];
  const groups = new Map<string, { readonly word: Word; readonly entries: Entry<R>[] }>();
  for (const entry of entries) {
    const word = entry.words[depth];
    if (!word) {
      ended.push(entry);
      continue;
    }
    const group = groups.get(word.key);
    if (group) group.entries.push(entry);
    else groups.set(word.key, { word, entries: [entry] });
  }
  const sorted = [...groups.values()].sort((a, b) => compareWords(a.word, b.word));
  return [...ended, ...sorted.flatMap((group) => arranged(group.entries, depth + 1))];
}

/**
 * The order in which rules of one system call are tried (libseccomp's): by the 32-bit words that they look at, those of the lowest
 * argument of a rule first. Of two words the later argument counts first, then exact tests before "less" before "greater", then the
 * narrower range or the greater value, then the order of the profile. A rule comes before its extensions.
 */
export function inOrder<R extends { readonly conditions: readonly Condition[] }>(rules: readonly R[], bits: 32 | 64): R[] {
  if (rules.length < 2) return [...rules];
  const entries = rules.map((rule) => ({ rule, words: rule.conditions.flatMap((condition) => words(condition, bits)) }));
  return arranged(entries, 0).map(({ rule }) => rule);
}

/** The same for rules with the same conditions. */
export function conditionsKey(conditions: readonly Condition[]): string {
  return conditions.map(({ argument, op, value, mask }) => `${argument} ${op} ${value} ${mask}`).join(', ');
}
