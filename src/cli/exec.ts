import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { Process } from '../spec/types.ts';
import { execRequest } from './exec-request.ts';
import type { Invocation } from './invocation.ts';
import { absolute } from './paths.ts';

async function readProcess(path: string): Promise<Process> {
  const { parseProcess } = await import('../spec/validate.ts');
  return parseProcess(addon.readFile(path));
}

export async function run(invocation: Invocation<'exec'>): Promise<number> {
  const { flags, args } = invocation;
  const file = absolute(flags.process);
  if (file === undefined && args.length < 2) throw new RuntimeError('USAGE', 'exec args cannot be empty');
  const process = file === undefined ? undefined : await readProcess(file);
  const { exec } = await import('../container/exec.ts');
  return exec(invocation.context(), execRequest(invocation, process));
}
