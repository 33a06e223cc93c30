import { createRequest } from './create.ts';
import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'run'>): Promise<number> {
  const { flags } = invocation;
  const context = invocation.context();
  const container = await import('../container/run.ts');
  return container.run(context, {
    ...createRequest(invocation),
    detach: flags.detach,
    keep: flags.keep,
    noSubreaper: flags['no-subreaper'],
  });
}
