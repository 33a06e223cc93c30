import type { Context } from '../container/context.ts';
import { RuntimeError } from '../errors.ts';
import type { Process } from '../spec/types.ts';
import { execRequest } from './exec-request.ts';
import type { Invocation } from './invocation.ts';
import { absolute } from './paths.ts';

async function readProcess(path: string, { warn }: Context): Promise<Process> {
  const [{ readGivenFile }, { parseProcess }] = await Promise.all([
    import('../container/bundle/json-file.ts'),
    import('../spec/validate.ts'),
  ]);
  return parseProcess(readGivenFile(path, 'process', 'PROCESS_UNREADABLE'), warn);
}

export async function run(invocation: Invocation<'exec'>): Promise<number> {
  const { flags, args } = invocation;
  const file = absolute(flags.process);
  if (file === undefined && args.length < 2) throw new RuntimeError('USAGE', 'exec args cannot be empty');
  const context = invocation.context();
  const process = file === undefined ? undefined : await readProcess(file, context);
  const { exec } = await import('../container/exec.ts');
  return exec(context, execRequest(invocation, process));
}
