import type { ContainerEvent } from '../container/events.ts';
import { failedWith } from '../native/system-error.ts';
import { exactJson } from '../spec/exact-json.ts';
import { parseDuration } from './duration.ts';
import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'events'>): Promise<number> {
  const { flags, args, print } = invocation;
  const [id = ''] = args;
  const interval = parseDuration('interval', flags.interval);
  const { events, stats } = await import('../container/events.ts');
  const report = (event: ContainerEvent): void => print(`${exactJson(event)}\n`);
  try {
    if (flags.stats) report(stats(invocation.context(), id));
    else events(invocation.context(), id, { intervalMs: interval, follow: flags.follow }, report);
  } catch (error) {
    // The reader has seen enough.
    if (!failedWith(error, 'EPIPE')) throw error;
  }
  return 0;
}
