import { RuntimeError } from '../errors.ts';

/**
 * The header of ps(1) and the lines whose column PID is one of the container's.
 * @throws RuntimeError PS_NO_PID when there is no such column
 */
export function filterPs(output: string, pids: readonly number[]): string {
  const [header = '', ...lines] = output.split('\n');
  const column = header.trim().split(/\s+/).indexOf('PID');
  if (column < 0) throw new RuntimeError('PS_NO_PID', "couldn't find PID field in ps output");
  const wanted = new Set(pids.map(String));
  const kept = lines.filter((line) => wanted.has(line.trim().split(/\s+/)[column] ?? ''));
  return [header, ...kept].map((line) => `${line}\n`).join('');
}
