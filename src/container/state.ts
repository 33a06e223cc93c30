import { O_NONBLOCK } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import type { ContainerStatus } from '../spec/types.ts';
import { isFrozen } from './cgroups/freezer.ts';
import type { Context } from './context.ts';
import { postMortem } from './failure/post-mortem.ts';
import type { ContainerRecord, Ending } from './state/container-record.ts';
import { statusOf } from './state/status.ts';
import { fifoPath, load, releasedFifoPath } from './state/store.ts';

/** The answer of `state` (compat.md §9.4; RT-003 to RT-016). */
export interface ContainerReport extends Ending {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when stopped. */
  readonly pid: number;
  readonly status: ContainerStatus;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}

/** The present status of a container. */
export function currentStatus(context: Context, record: ContainerRecord): ContainerStatus {
  return statusOf({
    created: record.isCreated,
    process: record.pid > 0 ? addon.processStat(record.pid) : null,
    startTime: BigInt(record.startTime),
    waitsForStart: addon.stat(fifoPath(context, record.id), false) !== null || (hasStartHooks(record) && isBeingStarted(context, record)),
    frozen: record.isCreated && isFrozen(record.cgroupPaths),
  });
}

/** Whether init has hooks to run between `start` and its program. */
export const hasStartHooks = ({ startSteps }: ContainerRecord): boolean =>
  Object.values(startSteps).some(({ action }) => action.op === 'hook.run');

/** Whether a `start` waits for the startContainer hooks: it has the fifo locked. Of one that was killed nobody will tell when they end. */
function isBeingStarted(context: Context, { id }: ContainerRecord): boolean {
  let fifo = -1;
  try {
    fifo = addon.open(releasedFifoPath(context, id), O_NONBLOCK, 0);
    addon.lock(fifo, false, 0);
    return false;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return false;
    if (failedWith(error, 'ETIMEDOUT')) return true;
    throw error;
  } finally {
    if (fifo >= 0) addon.close(fifo);
  }
}

/** Nobody's when it has ended: its number may be another's by now. */
const livingPid = (status: ContainerStatus, { pid }: ContainerRecord): number => (status === 'stopped' ? 0 : pid);

export function report(context: Context, record: ContainerRecord): ContainerReport {
  const status = currentStatus(context, record);
  const { ociVersion, id, pid, bundle, rootfs, created, annotations } = record;
  const shown = livingPid(status, record);
  const ending = status === 'stopped' ? postMortem(record, String(addon.processStat(pid)?.startTime) === record.startTime) : {};
  return { ociVersion, id, pid: shown, status, bundle, rootfs, created, ...(annotations ? { annotations } : {}), owner: '', ...ending };
}

/**
 * The state of a container.
 * @throws RuntimeError CONTAINER_UNKNOWN, ID_INVALID
 */
export function state(context: Context, id: string): ContainerReport {
  return report(context, load(context, id));
}

/** The state hooks and seccomp agents get: compact, as the specification has it. */
export function hookState(record: ContainerRecord, status: ContainerStatus): string {
  const { ociVersion, id, bundle, annotations } = record;
  return JSON.stringify({ ociVersion, id, status, pid: livingPid(status, record), bundle, ...(annotations ? { annotations } : {}) });
}
