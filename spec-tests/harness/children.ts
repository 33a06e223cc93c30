import { readdirSync, readFileSync } from 'node:fs';

/** Pids of the children of a process, by each of its threads. @throws Error ENOENT or ESRCH when it ends meanwhile */
export function childrenOf(pid: number | 'self'): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number));
}
