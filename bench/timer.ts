// Calls bench/timer.c, the only thing here that measures time.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Cost {
  /** Microseconds. */
  readonly wall: number;
  /** Microseconds of user and system time, of the runtime and of the container. */
  readonly cpu: number;
  /** KiB of the largest process; 0 when nobody asked. */
  readonly peak: number;
}

export interface Timing {
  readonly wall: number;
  readonly cpu: number;
  /** One for each command. */
  readonly stages: readonly Cost[];
}

/** Milliseconds after which an operation is taken to hang. */
const usual = 20_000;

let spent = 0;

/** Microseconds of CPU time that everything measured so far has used. */
export const cpuSpent = (): number => spent;

/** @param longest milliseconds. @throws Error when a command fails, or takes longer and so is taken to hang */
export function time(timer: string, words: readonly string[], longest = usual): Timing {
  // Not a pipe, whose end a container that lives on would keep open.
  const errors = openSync(`${timer}.stderr`, 'w');
  const { status, stdout } = spawnSync(timer, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', errors], timeout: longest });
  closeSync(errors);
  if (status === null) throw new Error(`not done after ${longest} ms: ${words.join(' ')}`);
  if (status !== 0) throw new Error(`${words.join(' ')}: ${readFileSync(`${timer}.stderr`, 'utf8').trim()}`);
  const timing = JSON.parse(stdout) as Timing;
  spent += timing.cpu;
  return timing;
}
