import type { Sample } from './operations.ts';

export interface Result {
  readonly operation: string;
  readonly measure: 'wall' | 'cpu';
  /** Median microseconds by runtime. */
  readonly medians: Readonly<Record<string, number>>;
  /** First runtime to each other: the median of the ratios within a round. */
  readonly ratios: Readonly<Record<string, number>>;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param rounds every round holds one sample for each operation and runtime */
export function summarize(rounds: readonly (readonly Sample[])[], names: readonly string[]): Result[] {
  const operations = [...new Set(rounds.flat().map((sample) => sample.operation))];
  const [first = '', ...others] = names;
  return operations.flatMap((operation) =>
    (['wall', 'cpu'] as const).map((measure): Result => {
      const series = (name: string): number[] =>
        rounds.map((round) => round.find((sample) => sample.operation === operation && sample.runtime === name)?.[measure] ?? Number.NaN);
      const own = series(first);
      const ratio = (name: string) => median(series(name).map((value, round) => (own[round] ?? Number.NaN) / value));
      return {
        operation,
        measure,
        medians: Object.fromEntries(names.map((name) => [name, median(series(name))])),
        ratios: Object.fromEntries(others.map((name) => [name, ratio(name)])),
      };
    }),
  );
}

/** The table as text: medians in milliseconds, then the ratios. */
export function render(results: readonly Result[], names: readonly string[]): string {
  const [first = '', ...others] = names;
  const header = ['', '', ...names.map((name) => `${name} ms`), ...others.map((name) => `${first}/${name}`)];
  const rows = results.map(({ operation, measure, medians, ratios }) => [
    measure === 'wall' ? operation : '',
    measure === 'wall' ? 'wall' : 'CPU',
    ...names.map((name) => ((medians[name] ?? Number.NaN) / 1000).toFixed(2)),
    ...others.map((name) => (ratios[name] ?? Number.NaN).toFixed(2)),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [header, ...rows].map((row) => line(row).trimEnd()).join('\n');
}
