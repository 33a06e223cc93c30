// Measures runtimes in turn, round after round, so that whatever the machine does hits all of them alike.
import type { Lab } from './lab.ts';
import type { Runtime } from './machine.ts';
import { disturbedAbove, startWatch } from './quiet.ts';
import type { Cost } from './timer.ts';

/** Milliseconds in which the machine is looked at before a round. */
const glance = 40;

/** Waits until nobody else uses the machine, at the longest until a time of `performance.now()`. */
async function becomeQuiet(deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const othersShare = startWatch();
    await new Promise((resolve) => setTimeout(resolve, glance));
    if (othersShare() <= disturbedAbove) return;
  }
}

/** One round of one operation: rows of every subject. */
export type Round = ReadonlyMap<string, Readonly<Record<string, Cost>>>;

export interface Rounds {
  /** Those that count: the quiet ones, or all when less than half of those wanted were quiet. */
  readonly rounds: readonly Round[];
  readonly discarded: number;
  readonly isQuiet: boolean;
}

/** How long a benchmark tries. */
export interface Effort {
  /** Quiet rounds of each operation. */
  readonly rounds: number;
  /** Seconds for each operation until it has to do with disturbed rounds. */
  readonly patience: number;
}

/** @param measure takes rows of one subject; the first round, which warms caches, does not count */
export async function measureRounds(
  lab: Lab,
  subjects: readonly Runtime[],
  { rounds: wanted, patience }: Effort,
  measure: (subject: Runtime) => Readonly<Record<string, Cost>>,
): Promise<Rounds> {
  const quiet: Round[] = [];
  const disturbed: Round[] = [];
  const deadline = performance.now() + patience * 1000;
  const isDone = () => quiet.length === wanted || (quiet.length + disturbed.length >= wanted && performance.now() > deadline);
  for (let number = 0; !isDone(); number++) {
    await becomeQuiet(deadline);
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
  const isQuiet = quiet.length >= wanted / 2;
  return { rounds: isQuiet ? quiet : [...quiet, ...disturbed], discarded: isQuiet ? disturbed.length : 0, isQuiet };
}
