// Measures runtimes in turn, round after round, so that whatever the machine does hits all of them alike.
import type { Lab } from './lab.ts';
import type { Runtime } from './machine.ts';
import { disturbedAbove, startWatch } from './quiet.ts';
import type { Cost } from './timer.ts';

/** Rounds tried for each round asked for, before the benchmark gives up on a quiet machine. */
const patience = 4;

/** One round of one operation: rows of every subject. */
export type Round = ReadonlyMap<string, Readonly<Record<string, Cost>>>;

export interface Rounds {
  /** Those that count: the quiet ones, or all when none was quiet. */
  readonly rounds: readonly Round[];
  readonly discarded: number;
  readonly isQuiet: boolean;
}

/** @param measure takes rows of one subject; the first round, which warms caches, does not count */
export async function measureRounds(
  lab: Lab,
  subjects: readonly Runtime[],
  wanted: number,
  measure: (subject: Runtime) => Readonly<Record<string, Cost>>,
): Promise<Rounds> {
  const quiet: Round[] = [];
  const disturbed: Round[] = [];
  for (let number = 0; quiet.length < wanted && number <= wanted * patience; number++) {
    const round = new Map<string, Readonly<Record<string, Cost>>>();
    const othersShare = startWatch();
    for (let turn = 0; turn < subjects.length; turn++) {
      await lab.breathe();
      // Each round begins with another runtime.
      const subject = subjects[(turn + number) % subjects.length] as Runtime;
      round.set(subject.name, measure(subject));
    }
    if (number > 0) (othersShare() > disturbedAbove ? disturbed : quiet).push(round);
  }
  const isQuiet = quiet.length > 0;
  return { rounds: isQuiet ? quiet : disturbed, discarded: isQuiet ? disturbed.length : 0, isQuiet };
}
