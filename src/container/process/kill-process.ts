import { RuntimeError } from '../../errors.ts';
import { SIGKILL } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';

/** How long a killed process gets to go away, in milliseconds. */
const EXIT_TIMEOUT_MS = 10_000;

export interface OpenProcess {
  readonly pid: number;
  readonly pidfd: number;
}

/** endProcess, and reaps it where it is a child of ours. */
export function killProcess(process: OpenProcess, name: string): void {
  endProcess(process, name);
  reapIfOurs(process.pid);
}

/**
 * Kills a process and waits until it is gone. Never waitpid alone: a process that hangs in the
 * kernel must not hang the runtime too.
 * @param name of the process in the error
 * @param release called once the signal is sent: whatever keeps the process from taking it
 * @throws RuntimeError KILL_TIMEOUT
 */
export function endProcess({ pid, pidfd }: OpenProcess, name: string, release: () => void = () => {}): void {
  signal(pidfd);
  release();
  if (addon.pollIn([pidfd], EXIT_TIMEOUT_MS).length === 0) {
    const message = `${name} still running: pid ${pid} did not go away within ${EXIT_TIMEOUT_MS / 1000} s of SIGKILL`;
    throw new RuntimeError('KILL_TIMEOUT', message);
  }
}

/**
 * The same for a child that nobody has waited for yet, so that its pid is still its own.
 * @throws RuntimeError KILL_TIMEOUT
 */
export function killChild(pid: number, name: string): void {
  const pidfd = addon.pidfdOpen(pid);
  try {
    killProcess({ pid, pidfd }, name);
  } finally {
    addon.close(pidfd);
  }
}

/** Kills every process of a group. The caller knows that its leader is there, so that the number is the group's. */
export function killGroup(leader: number): void {
  try {
    addon.kill(-leader, SIGKILL);
  } catch (error) {
    if (!failedWith(error, 'ESRCH')) throw error;
  }
}

function signal(pidfd: number): void {
  try {
    addon.pidfdSendSignal(pidfd, SIGKILL);
  } catch (error) {
    if (!failedWith(error, 'ESRCH')) throw error;
  }
}

/** Whoever created the container in this process is its parent; everybody else's waitpid says ECHILD. */
export function reapIfOurs(pid: number): void {
  try {
    addon.waitPid(pid, true);
  } catch (error) {
    if (!failedWith(error, 'ECHILD')) throw error;
  }
}
