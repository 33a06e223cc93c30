import { RuntimeError } from '../errors.ts';
import { O_NONBLOCK } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import type { Context } from './context.ts';
import { decodeEvents, stepError } from './failure/failure.ts';
import { diedAsInit, explainDeath } from './failure/post-mortem.ts';
import { runNotedHook } from './host/hooks.ts';
import { NotifyRelay } from './init/notify.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { Hold } from './state/hold.ts';
import { abandon, openInit } from './state/lifecycle.ts';
import { fifoPath, load, releasedFifoPath } from './state/store.ts';
import { currentStatus, hasStartHooks } from './state.ts';

/** What init can say through the exec fifo, in bytes. */
const REPORT_LIMIT = 64 * 1024;

/**
 * Runs the program of a created container (RT-050 to RT-053).
 * @param notifySocket where READY=1 of the container is passed on to; then start returns only when it is ready
 * @throws RuntimeError NOT_CREATED, PROCESS_MISSING; or the failure of a hook or of execve, after which the container is gone (RT-025, RT-027)
 */
export function start(context: Context, id: string, notifySocket?: string): void {
  const hold = Hold.take(context, id);
  try {
    const record = load(context, id);
    checkStartable(context, record);
    const relay = startCreated(context, hold, record, notifySocket);
    if (relay) waitUntilReady(relay);
  } finally {
    hold.close();
  }
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
  if (status === 'stopped') {
    throw explainDeath(new RuntimeError('NOT_CREATED', 'cannot start a container that has stopped'), record, 'it waited for its start');
  }
  if (status === 'running') throw new RuntimeError('NOT_CREATED', 'cannot start an already running container');
  if (status !== 'created') throw new RuntimeError('NOT_CREATED', `cannot start a container in the ${status} state`);
  if (!record.hasProcess) {
    throw new RuntimeError('PROCESS_MISSING', 'cannot start a container whose config.json has no process', { pointer: '/process' });
  }
}

/**
 * start, for a caller that knows the container to be created, and holds it locked; when this returns it is not locked any more.
 * @returns the relay of its readiness, if it has one; the caller closes it
 * @throws RuntimeError NOT_CREATED when another command is starting it; else the container is gone
 */
export function startCreated(
  context: Context,
  hold: Hold,
  record: ContainerRecord,
  notifySocket: string | undefined,
): NotifyRelay | undefined {
  if (addon.stat(fifoPath(context, record.id), false) === null) {
    throw new RuntimeError('NOT_CREATED', 'cannot start a container that another command is starting');
  }
  let relay: NotifyRelay | undefined;
  try {
    relay = NotifyRelay.open(context, record, notifySocket);
    release(context, hold, record);
    record.poststart.forEach((hook, index) => {
      runNotedHook(context, hold, record, { kind: 'poststart', index, hook, status: 'running' });
    });
    return relay;
  } catch (error) {
    relay?.close();
    // Asked while the cgroup is still there.
    const explained = explainDeath(error, record, 'its program was started');
    abandon(context, hold, record);
    throw explained;
  }
}

/** Lets init go on, and waits until execve has closed the exec fifo or init has said what failed. Unlocks `hold`. */
function release(context: Context, hold: Hold, record: ContainerRecord): void {
  // Before the fifo is open: from then on the program may run, end and be reaped.
  const pidfd = openInit(record);
  if (pidfd === undefined) throw new RuntimeError('NOT_CREATED', 'cannot start a container that has stopped');
  let fifo = -1;
  try {
    fifo = takeFifo(context, record);
    hold.unlock();
    if (!addon.pollIn([fifo, pidfd], -1).includes(0)) throw new RuntimeError('NOT_CREATED', 'cannot start a container that has stopped');
    const report = addon.readFdBytes(fifo, REPORT_LIMIT);
    if (report.length > 1) throw startFailure(record, report.subarray(1));
    // It says so when it goes on.
    if (report.length === 0) throw endedTooEarly();
    if (record.isFiltered) requireProgram(record);
    if (hasStartHooks(record)) hold.step(() => addon.unlink(releasedFifoPath(context, record.id)));
  } finally {
    addon.close(pidfd);
    if (fifo >= 0) addon.close(fifo);
  }
}

/**
 * Opens the exec fifo, which lets init go on; under its old name nobody finds it again, whatever becomes of this command. While init runs
 * its hooks, the lock tells that somebody waits for their end.
 */
function takeFifo(context: Context, record: ContainerRecord): number {
  const released = releasedFifoPath(context, record.id);
  addon.rename(fifoPath(context, record.id), released);
  // Opening a fifo must not wait for a writer that may be dead.
  const fifo = addon.open(released, O_NONBLOCK, 0);
  if (hasStartHooks(record)) addon.lock(fifo, true, 0);
  else addon.unlink(released);
  return fifo;
}

/**
 * The end of the fifo is the program's beginning, or the end of an init that its filter has killed.
 * @throws RuntimeError INIT_DIED; not when somebody else has reaped it by now
 */
function requireProgram({ pid }: ContainerRecord): void {
  if (diedAsInit(pid)) throw endedTooEarly();
}

const endedTooEarly = (): RuntimeError => new RuntimeError('INIT_DIED', 'init ended before it could execute the program');

function startFailure(record: ContainerRecord, report: Uint8Array): RuntimeError {
  const [failed, program] = decodeEvents(report);
  return failed
    ? stepError(record.startSteps[String(failed.step)], failed, program)
    : new RuntimeError('INIT_DIED', 'init failed at its start');
}
