import { notifySocket } from './activation.ts';
import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'start'>): Promise<number> {
  const { start } = await import('../container/start.ts');
  start(invocation.context(), invocation.args[0] ?? '', notifySocket(process.env));
  return 0;
}
