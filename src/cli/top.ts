import { RuntimeError } from '../errors.ts';
import { styleFor } from './colour.ts';
import { parseDuration } from './duration.ts';
import { sorted, summary } from './figures-table.ts';
import type { Invocation } from './invocation.ts';
import { watch } from './live.ts';

export function run(invocation: Invocation<'top'>): number {
  const { flags, terminal } = invocation;
  if (flags.rounds < 0) throw new RuntimeError('INVALID_VALUE', `invalid value for rounds: ${flags.rounds}`);
  const json = flags.format === 'json';
  watch(invocation, {
    interval: parseDuration('interval', flags.interval),
    rounds: flags.rounds,
    ids: [],
    json,
    arrange: (all) => sorted(all, flags.sort),
    title: summary,
    inPlace: terminal && !json && !flags.plain,
    style: styleFor(terminal, process.env),
  });
  return 0;
}
