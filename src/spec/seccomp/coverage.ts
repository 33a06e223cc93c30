import type { LinuxSeccomp } from '../types.ts';
import { actionText, isPermissive, killThread, notify } from './actions.ts';
import { type Architecture, servedArchitectures } from './architectures.ts';
import type { Outcome } from './outcome.ts';
import { outcomeRanges } from './outcomes.ts';
import { resolveProfile } from './rules.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

/** A call that is used and not, or not always, permitted. */
export interface RefusedCall {
  readonly name: string;
  readonly architecture: string;
  /** "ERRNO(1)", "KILL_THREAD". */
  readonly action: string;
}

/** How a profile fits what is used. */
export interface Coverage {
  /** Names that the first profile permits. */
  readonly used: readonly string[];
  readonly refused: readonly RefusedCall[];
  /** Used calls that are permitted with some arguments. */
  readonly conditional: readonly RefusedCall[];
  /** Names that are permitted, at least with some arguments, and not used. */
  readonly unused: readonly string[];
}

/** What a profile does with the calls of an architecture; null: it kills them all. */
type Decide = ((number: number) => Outcome) | null;

const allows = (action: number): boolean => isPermissive(action) || action === notify;
const actionsOf = (outcome: Outcome): readonly number[] =>
  typeof outcome === 'number' ? [outcome] : [...outcome.tests.map(({ action }) => action), outcome.otherwise];

function decider(seccomp: LinuxSeccomp, machine: string, architecture: Architecture): Decide {
  if (!servedArchitectures(seccomp.architectures ?? [], machine).some(({ name }) => name === architecture.name)) return null;
  const ranges = outcomeRanges(resolveProfile(seccomp), architecture, new Set());
  return (number) => ranges.findLast(({ first }) => first <= number)?.outcome ?? killThread;
}

/**
 * Compares a profile with what is used.
 * @param used a profile that permits just that, such as a recorded one
 * @param machine what `uname -m` says
 * @throws RuntimeError what compileSeccomp throws
 */
export function coverageOf(seccomp: LinuxSeccomp, used: LinuxSeccomp, machine: string): Coverage {
  const usedNames = new Set<string>();
  const allowed = new Set<string>();
  const refused: RefusedCall[] = [];
  const conditional: RefusedCall[] = [];
  for (const architecture of servedArchitectures(used.architectures ?? [], machine)) {
    const uses = decider(used, machine, architecture);
    const decide = decider(seccomp, machine, architecture);
    forEachSyscall(architecture.table, (name, plain) => {
      const number = plain + architecture.base;
      const actions = decide ? actionsOf(decide(number)) : [killThread];
      const first = actions.find((action) => !allows(action));
      if (first === undefined || actions.some(allows)) allowed.add(name);
      if (!uses || !actionsOf(uses(number)).some(allows)) return;
      usedNames.add(name);
      if (first === undefined) return;
      (actions.some(allows) ? conditional : refused).push({ name, architecture: architecture.name, action: actionText(first) });
    });
  }
  const unused = [...allowed].filter((name) => !usedNames.has(name)).sort();
  return { used: [...usedNames].sort(), refused, conditional, unused };
}
