import { RuntimeError } from '../errors.ts';
import { addon, type ProcessResult } from '../native/addon.ts';
import type { Invocation } from './invocation.ts';
import { filterPs } from './ps-lines.ts';

function findPs(): string {
  const found = ['/bin/ps', '/usr/bin/ps'].find((path) => addon.stat(path, true)?.type === 'file');
  if (found === undefined) throw new RuntimeError('PS_NOT_FOUND', 'ps: no such file or directory in /bin or /usr/bin');
  return found;
}

/** Room for every process of a busy host, with its environment. */
const mostOutput = 1 << 28;

function runPs(path: string, options: readonly string[]): ProcessResult {
  const request = { path, args: ['ps', ...options], env: [], inherits: true, cwd: '/', stdin: '', timeoutMs: 0, keepsEnd: false };
  return addon.runProcess({ ...request, mostOutput });
}

/** Asks ps(1) for these processes alone (a host may have very many); busybox has no -p. */
function defaultTable(path: string, pids: readonly number[]): string {
  const few = pids.length === 0 ? undefined : runPs(path, ['-f', '-p', pids.join(',')]);
  return few?.status === 0 ? few.output : runPs(path, ['-ef']).output;
}

function table(pids: readonly number[], options: readonly string[]): string {
  const path = findPs();
  if (options.length === 0) return filterPs(defaultTable(path, pids), pids);
  const { status, output } = runPs(path, options);
  if (status !== 0) throw new RuntimeError('PS_FAILED', `ps: exit status ${status}: ${output.trim()}`);
  return filterPs(output, pids);
}

export async function run(invocation: Invocation<'ps'>): Promise<number> {
  const [id = '', ...options] = invocation.args;
  const { processes } = await import('../container/ps.ts');
  const pids = processes(invocation.context(), id);
  invocation.print(invocation.flags.format === 'json' ? `${JSON.stringify(pids)}\n` : table(pids, options));
  return 0;
}
