import { RuntimeError } from '../errors.ts';
import { SIGKILL } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { thaw } from './cgroups/freezer.ts';
import { killOwn } from './cgroups/removal.ts';
import type { Context } from './context.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { openInit } from './state/lifecycle.ts';
import { load } from './state/store.ts';

/**
 * Sends a signal to the init process of a created, running or paused container (RT-054 to RT-056, CLI-025 to CLI-027). Of a stopped one
 * SIGKILL ends the processes that live on; `all` only keeps it from being an error.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
 */
export function kill(context: Context, id: string, signal: number, all: boolean): void {
  const record = load(context, id);
  const sent = signalInit(record, signal);
  // Without a pid namespace of its own nothing dies with the init process.
  const killed = signal === SIGKILL && isThere(context, record) && killOwn(context, record);
  if (!sent && !killed && !all) throw new RuntimeError('NOT_RUNNING', 'container not running');
}

/** Whether the name still is that of the container: a later one would have its processes in a cgroup of the same path. */
function isThere(context: Context, { id, pid, startTime }: ContainerRecord): boolean {
  try {
    const present = load(context, id);
    return present.pid === pid && present.startTime === startTime;
  } catch {
    return false;
  }
}

function signalInit(record: ContainerRecord, signal: number): boolean {
  const pidfd = openInit(record);
  if (pidfd === undefined) return false;
  try {
    addon.pidfdSendSignal(pidfd, signal);
    if (signal === SIGKILL) thaw(record.cgroupPaths);
    return true;
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return false;
    throw error;
  } finally {
    addon.close(pidfd);
  }
}
