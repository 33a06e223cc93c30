import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'pause'>): Promise<number> {
  const { pause } = await import('../container/pause.ts');
  pause(invocation.context(), invocation.args[0] ?? '');
  return 0;
}
