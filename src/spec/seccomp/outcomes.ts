import { RuntimeError } from '../../errors.ts';
import { errnoNosys, isPermissive } from './actions.ts';
import type { Architecture } from './architectures.ts';
import { conditionsKey, inOrder, narrowed } from './conditions.ts';
import { isMultiplexer, type MultiplexerName, multiplexedTests } from './multiplexed.ts';
import type { Outcome } from './outcome.ts';
import type { Profile, Rule } from './rules.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

/** System calls from `first` up to the next range's `first`. */
export interface Range {
  readonly first: number;
  readonly outcome: Outcome;
}

/** Numbers from here on are not given in order (32-bit Arm's private calls). */
const PRIVATE = 0xf0000;

function narrowedRules(rules: readonly Rule[], bits: 32 | 64): Rule[] {
  return rules.map((rule) => ({
    ...rule,
    conditions: rule.conditions.flatMap((condition) => narrowed(condition, bits) ?? []),
  }));
}

/** Rules without those that repeat another. */
function distinct(rules: readonly Rule[]): Rule[] {
  const seen = new Map<string, Rule>();
  return rules.filter((rule) => {
    const key = conditionsKey(rule.conditions);
    const before = seen.get(key);
    if (!before) seen.set(key, rule);
    if (!before || before.action === rule.action) return !before;
    const message = `seccomp rules at ${before.pointer} and here ask for different actions on the same conditions`;
    throw new RuntimeError('SECCOMP_CONFLICT', message, { pointer: rule.pointer });
  });
}

/**
 * The rules of a call as they are tried on an architecture: the first unconditional rule decides alone; without one they come in the
 * order of inOrder.
 * @throws RuntimeError SECCOMP_CONFLICT
 */
export function rulesInOrder(rules: readonly Rule[], bits: 32 | 64): readonly Rule[] {
  const [only] = rules;
  if (only && rules.length === 1 && only.conditions.length === 0) return rules;
  const narrow = narrowedRules(rules, bits);
  const always = narrow.find(({ conditions }) => conditions.length === 0);
  return always ? [always] : inOrder(distinct(narrow), bits);
}

function outcomeOfRules(rules: readonly Rule[], bits: 32 | 64, otherwise: number): Outcome {
  const tests = rulesInOrder(rules, bits);
  const [first] = tests;
  return first && first.conditions.length === 0 ? first.action : { tests, otherwise };
}

/** The one object for outcomes of the same content, so that equal neighbours become one range and one piece of code. */
class Outcomes {
  private readonly byRules = new Map<readonly Rule[], Outcome>();
  private readonly byContent = new Map<string, Outcome>();
  private readonly profile: Profile;
  private readonly bits: 32 | 64;

  constructor(profile: Profile, bits: 32 | 64) {
    this.profile = profile;
    this.bits = bits;
  }

  of(rules: readonly Rule[]): Outcome {
    const known = this.byRules.get(rules);
    if (known !== undefined) return known;
    const outcome = this.shared(outcomeOfRules(rules, this.bits, this.profile.defaultAction));
    this.byRules.set(rules, outcome);
    return outcome;
  }

  ofName(name: string): Outcome | undefined {
    const rules = this.profile.rules.get(name);
    return rules && rules.length > 0 ? this.of(rules) : undefined;
  }

  /** Outcome of socketcall or ipc: its own rules, then those of the calls behind it. */
  ofMultiplexer(name: MultiplexerName): Outcome | undefined {
    const own = this.ofName(name);
    if (typeof own === 'number') return own;
    const tests = [...(own?.tests ?? []), ...multiplexedTests(name, (call) => this.ofName(call))];
    return tests.length === 0 ? undefined : this.shared({ tests, otherwise: this.profile.defaultAction });
  }

  private shared(outcome: Outcome): Outcome {
    if (typeof outcome === 'number') return outcome;
    const key = outcome.tests.map(({ action, conditions }) => `${action}:${conditionsKey(conditions)}`).join(';');
    const known = this.byContent.get(key);
    if (known === undefined) this.byContent.set(key, outcome);
    return known ?? outcome;
  }
}

function append(ranges: Range[], first: number, outcome: Outcome): void {
  if (ranges.at(-1)?.first === first) ranges.pop();
  if (ranges.at(-1)?.outcome !== outcome) ranges.push({ first, outcome });
}

/**
 * What each system call of an architecture gets, as ranges over [`base`, 2^32).
 *
 * Numbers above the largest that the profile names get ENOSYS instead of a refusal (runc): they belong to calls made after the
 * profile, and a C library falls back to older calls on ENOSYS only.
 *
 * @param served collects the names that this architecture has
 */
export function outcomeRanges(profile: Profile, architecture: Architecture, served: Set<string>): Range[] {
  const { base, table, bits } = architecture;
  const outcomes = new Outcomes(profile, bits);
  const ranges: Range[] = [{ first: base, outcome: profile.defaultAction }];
  const refuses = !isPermissive(profile.defaultAction);
  let largest = 0;
  let rest: Outcome = profile.defaultAction;
  const finish = (): void => {
    if (largest === 0 || !refuses || rest === errnoNosys) return;
    rest = errnoNosys;
    append(ranges, largest + 1, rest);
  };
  let previous: { readonly number: number; readonly rules: readonly Rule[] } = { number: -1, rules: [] };
  forEachSyscall(table, (name, plain) => {
    const named = profile.rules.get(name);
    const multiplexer = isMultiplexer(name);
    if (named) served.add(name);
    else if (!multiplexer) return;
    const number = plain + base;
    if (plain >= PRIVATE) finish();
    else if (named) largest = number;
    // Two names of one number: the rules of both count.
    const rules = previous.number === number ? [...previous.rules, ...(named ?? [])] : (named ?? []);
    previous = { number, rules };
    const outcome = multiplexer ? outcomes.ofMultiplexer(name) : rules.length > 0 ? outcomes.of(rules) : undefined;
    if (outcome === undefined) return;
    append(ranges, number, outcome);
    append(ranges, number + 1, rest);
  });
  finish();
  return refuses && (table === 's390' || table === 's390x') ? withoutSetup(ranges) : ranges;
}

/** A call whose number the kernel does not know arrives as number 0, setup(2), on s390. */
function withoutSetup(ranges: readonly Range[]): Range[] {
  const after = ranges.filter(({ first }) => first > 1);
  const second = ranges.findLast(({ first }) => first <= 1);
  return [{ first: 0, outcome: errnoNosys }, ...(second ? [{ ...second, first: 1 }] : []), ...after];
}
