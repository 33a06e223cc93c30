import type { Invocation } from './invocation.ts';
import { parseSignal } from './signals.ts';

export async function run(invocation: Invocation<'kill'>): Promise<number> {
  const { flags, args } = invocation;
  const signal = parseSignal(args[1] ?? flags.signal ?? 'TERM');
  const { kill } = await import('../container/kill.ts');
  kill(invocation.context(), args[0] ?? '', signal, flags.all);
  return 0;
}
