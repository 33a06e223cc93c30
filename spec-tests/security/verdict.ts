// What the outcomes of a race mean.
import { appendFileSync } from 'node:fs';

/** Rounds that have ended alike. */
export interface Outcome {
  readonly times: number;
  readonly status: number;
  /** Of the container's program, or of the runtime that refuses to make it. */
  readonly output: string;
}

/** What `probe race` prints. */
export interface Rounds {
  /** How often names were exchanged. */
  readonly exchanges: number;
  /** Rounds during which that was done at least once. */
  readonly contested: number;
  readonly outcomes: readonly Outcome[];
}

/** What an attack may lead to (race.ts). */
export interface Expected {
  readonly first: RegExp;
  readonly second: RegExp;
  readonly mixed?: RegExp;
}

export interface Verdict {
  readonly creates: number;
  readonly exchanges: number;
  readonly contested: number;
  readonly made: number;
  readonly refused: number;
  /** For each attack how many rounds have shown the names as they were, and how many the other way round. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly faults: readonly Outcome[];
}

export const sum = (outcomes: readonly Outcome[]): number => outcomes.reduce((all, { times }) => all + times, 0);

/** The program of the container has come to its end. */
const isMade = ({ status, output }: Outcome): boolean => status === 0 && /\bend\s*$/.test(output);

/** A refusal has words and the status of one, 255 for exec: nothing has crashed, was left or was waited for in vain. */
const isRefusal = ({ status, output }: Outcome): boolean =>
  (status === 1 || status === 255) && output.trim() !== '' && !/undefined|is not a function|in vain|with given ID/.test(output);

/** What the container has printed of each attack. */
const segments = ({ output }: Outcome): string[] => output.split('| ').map((text) => text.trim());

function seenAs(outcome: Outcome, index: number, pattern: RegExp | undefined): boolean {
  const text = isMade(outcome) ? segments(outcome)[index] : outcome.output;
  return text !== undefined && pattern?.test(text) === true;
}

function isFault(attacks: readonly Expected[], outcome: Outcome): boolean {
  if (!isMade(outcome)) return !isRefusal(outcome);
  return !attacks.every(({ first, second, mixed }, index) => [first, second, mixed].some((pattern) => seenAs(outcome, index, pattern)));
}

export function judge(attacks: readonly Expected[], all: readonly Rounds[]): Verdict {
  const outcomes = all.flatMap((rounds) => rounds.outcomes);
  const shown = (state: 'first' | 'second') =>
    attacks.map((attack, index) => sum(outcomes.filter((outcome) => seenAs(outcome, index, attack[state]))));
  return {
    creates: sum(outcomes),
    exchanges: all.reduce((total, { exchanges }) => total + exchanges, 0),
    contested: all.reduce((total, { contested }) => total + contested, 0),
    made: sum(outcomes.filter(isMade)),
    refused: sum(outcomes.filter((outcome) => !isMade(outcome))),
    first: shown('first'),
    second: shown('second'),
    faults: outcomes.filter((outcome) => isFault(attacks, outcome)),
  };
}

/** Adds figures to the file that RACES_REPORT names; without it those of a long form are printed. */
export function publish(figures: object, isLong: boolean): void {
  const report = process.env['RACES_REPORT'];
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(figures)}\n`);
  else if (isLong) console.log(JSON.stringify(figures));
}
