import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'delete'>): Promise<number> {
  const { remove } = await import('../container/delete.ts');
  remove(invocation.context(), invocation.args[0] ?? '', { force: invocation.flags.force });
  return 0;
}
