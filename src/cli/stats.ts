import { styleFor } from './colour.ts';
import { parseDuration } from './duration.ts';
import { sorted } from './figures-table.ts';
import type { Invocation } from './invocation.ts';
import { watch } from './live.ts';

export function run(invocation: Invocation<'stats'>): number {
  const { flags, args, terminal } = invocation;
  const json = flags.format === 'json';
  watch(invocation, {
    interval: parseDuration('interval', flags.interval),
    rounds: flags['no-stream'] ? 1 : 0,
    ids: [...new Set(args)],
    json,
    arrange: args.length > 0 ? (all) => all : (all) => sorted(all, 'id'),
    inPlace: terminal && !json && !flags['no-stream'],
    style: styleFor(terminal, process.env),
  });
  return 0;
}
