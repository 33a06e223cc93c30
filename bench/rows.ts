// Rounds in figures: medians, and medians of the ratios within a round.
import type { Rounds } from './rounds.ts';
import type { Cost } from './timer.ts';

export interface Row {
  readonly title: string;
  /** By subject: wall and cpu in microseconds, peak in KiB. */
  readonly medians: Readonly<Record<string, Cost>>;
  /** First subject to each other. */
  readonly ratios: Readonly<Record<string, Cost>>;
  readonly rounds: number;
  readonly discarded: number;
  /** False: most rounds were disturbed. */
  readonly isQuiet: boolean;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const nothing: Cost = { wall: Number.NaN, cpu: Number.NaN, peak: Number.NaN };

export function middle(costs: readonly Cost[]): Cost {
  const of = (measure: keyof Cost) => median(costs.map((cost) => cost[measure]));
  return { wall: of('wall'), cpu: of('cpu'), peak: of('peak') };
}

const divide = (a: Cost, b: Cost): Cost => ({ wall: a.wall / b.wall, cpu: a.cpu / b.cpu, peak: a.peak / b.peak });

export function summarize({ rounds, discarded, isQuiet }: Rounds, names: readonly string[]): Row[] {
  const titles = Object.keys(rounds[0]?.get(names[0] ?? '') ?? {});
  const [first = '', ...others] = names;
  return titles.map((title) => {
    const series = (name: string) => rounds.map((round) => round.get(name)?.[title] ?? nothing);
    const own = series(first);
    const ratio = (name: string) => middle(series(name).map((cost, index) => divide(own[index] ?? nothing, cost)));
    return {
      title,
      medians: Object.fromEntries(names.map((name) => [name, middle(series(name))])),
      ratios: Object.fromEntries(others.map((name) => [name, ratio(name)])),
      rounds: rounds.length,
      discarded,
      isQuiet,
    };
  });
}
