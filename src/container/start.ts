import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { Context } from './context.ts';
import { decodeEvents, stepError } from './failure.ts';
import { runHook } from './hooks.ts';
import { killAndDestroy } from './lifecycle.ts';
import { NotifyRelay } from './notify.ts';
import { explainDeath } from './post-mortem.ts';
import { currentStatus } from './state.ts';
import { type ContainerRecord, fifoPath, load, locked } from './store.ts';

/** O_RDONLY | O_NONBLOCK: opening a fifo must not wait for a writer that may be dead. */
const O_NONBLOCK = 0o4000;
/** What init can say through the exec fifo, in bytes. */
const REPORT_LIMIT = 64 * 1024;

/**
 * Runs the program of a created container (RT-050 to RT-053).
 * @param notifySocket where READY=1 of the container is passed on to; then start returns only when it is ready
 * @throws RuntimeError NOT_CREATED, PROCESS_MISSING; or the failure of a hook or of execve, after which the container is gone (RT-025, RT-027)
 */
export function start(context: Context, id: string, notifySocket?: string): void {
  const relay = locked(context, id, () => {
    const record = load(context, id);
    checkStartable(context, record);
    return startCreated(context, record, notifySocket);
  });
  // Not under the lock: a container that never gets ready can still be deleted.
  if (relay) waitUntilReady(relay);
}

/** Waits until the container says that it is ready, or has ended. */
export function waitUntilReady(relay: NotifyRelay): void {
  try {
    relay.wait();
  } finally {
    relay.close();
  }
}

function checkStartable(context: Context, record: ContainerRecord): void {
  const status = currentStatus(context, record);
  if (status === 'stopped') throw new RuntimeError('NOT_CREATED', 'cannot start a container that has stopped');
  if (status === 'running') throw new RuntimeError('NOT_CREATED', 'cannot start an already running container');
  if (status !== 'created') throw new RuntimeError('NOT_CREATED', `cannot start a container in the ${status} state`);
  if (!record.hasProcess) {
    throw new RuntimeError('PROCESS_MISSING', 'cannot start a container whose config.json has no process', { pointer: '/process' });
  }
}

/**
 * start, for a caller that knows the container to be created.
 * @returns the relay of its readiness, if it has one; the caller closes it
 */
export function startCreated(context: Context, record: ContainerRecord, notifySocket: string | undefined): NotifyRelay | undefined {
  let relay: NotifyRelay | undefined;
  try {
    relay = NotifyRelay.open(context, record, notifySocket);
    release(record, fifoPath(context, record.id));
    addon.unlink(fifoPath(context, record.id));
    for (const hook of record.poststart) runHook('poststart', hook, record, 'running');
    return relay;
  } catch (error) {
    relay?.close();
    // Asked while the cgroup is still there.
    const explained = explainDeath(error, record.cgroupPaths, 'its program was started');
    killAndDestroy(context, record);
    throw explained;
  }
}

/** Lets init go on by reading the exec fifo, and reads on until execve has closed it or init has said what failed. */
function release(record: ContainerRecord, path: string): void {
  const pidfd = addon.pidfdOpen(record.pid);
  const fifo = addon.open(path, O_NONBLOCK, 0);
  try {
    const ready = addon.pollIn([fifo, pidfd], -1);
    if (!ready.includes(0)) throw new RuntimeError('NOT_CREATED', 'cannot start a container that has stopped');
    const report = addon.readFdBytes(fifo, REPORT_LIMIT);
    if (report.length > 1) throw startFailure(record, report.subarray(1));
  } finally {
    addon.close(fifo);
    addon.close(pidfd);
  }
}

function startFailure(record: ContainerRecord, report: Uint8Array): RuntimeError {
  const [failed, program] = decodeEvents(report);
  return failed
    ? stepError(record.startSteps[String(failed.step)], failed, program)
    : new RuntimeError('INIT_DIED', 'init failed at its start');
}
