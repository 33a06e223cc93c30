import type { Invocation } from './invocation.ts';

export async function run(invocation: Invocation<'resume'>): Promise<number> {
  const { resume } = await import('../container/resume.ts');
  resume(invocation.context(), invocation.args[0] ?? '');
  return 0;
}
