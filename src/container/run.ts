import { messageOf, RuntimeError } from '../errors.ts';
import { SIGCHLD, SIGKILL } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { MemoryWitness } from './cgroups/memory-witness.ts';
import type { Context } from './context.ts';
import { createContainer } from './create.ts';
import { endingOf, type MemoryRecord, memoryDeath, memoryEnding } from './failure/post-mortem.ts';
import type { CreatedContainer, CreateRequest } from './init/created.ts';
import type { NotifyRelay } from './init/notify.ts';
import { forwardedSignals } from './process/foreground.ts';
import { startCreated, waitUntilReady } from './start.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { abandon, destroy } from './state/lifecycle.ts';
import { save } from './state/store.ts';
import { traced } from './trace.ts';

export interface RunRequest extends CreateRequest {
  readonly detach: boolean;
  /** Leaves the container after its process ended, for `delete`. */
  readonly keep: boolean;
  /** Unless set, this process adopts orphans of the container while it waits in the foreground, and reaps every child that ends then. */
  readonly noSubreaper: boolean;
}

/**
 * create and start; in the foreground also wait and delete (CLI-031 to CLI-041).
 * @returns the exit status of the container's process (128 + n when signal n killed it), 0 when detached
 */
export function run(context: Context, request: RunRequest): number {
  const container = createContainer(context, request, request.detach);
  return supervise(context, request, container, () =>
    traced(context, 'start the program', 'runtime', () => launch(context, request, container)),
  );
}

/**
 * Has the program of a container run, which is this process's child, and unless it is detached waits for its end and deletes it.
 * @param start has it run; with the relay of its readiness, where it has one
 */
export function supervise(
  context: Context,
  request: RunRequest,
  container: CreatedContainer,
  start: () => NotifyRelay | undefined,
): number {
  const { record, hold } = container;
  let relay: NotifyRelay | undefined;
  let witness: MemoryWitness | undefined;
  let adopts = false;
  try {
    adopts = !request.detach && !request.noSubreaper && !addon.setSubreaper(true);
    // From the moment the program runs, a signal is the program's, also one that comes before this process attends to it.
    if (!request.detach) addon.holdSignals(signalsOf(request), container.console >= 0);
    // A program may end, and its cgroup go, before anything else is done here.
    witness = request.detach ? undefined : new MemoryWitness(record.cgroupPaths);
    // Systemd removes the cgroup of its scope as soon as it is told that the program has ended.
    if (witness && record.systemdUnit) addon.hurry();
    relay = start();
    if (witness) return attend(context, request, container, witness, relay);
  } catch (error) {
    abandon(context, hold, record);
    throw error;
  } finally {
    addon.releaseForeground();
    witness?.close();
    if (adopts) addon.setSubreaper(false);
    hold.close();
    for (const fd of [container.pidfd, container.console]) if (fd >= 0) addon.close(fd);
  }
  if (relay) waitUntilReady(relay);
  return 0;
}

/** start, of a container that others may delete meanwhile: that it did, is then told by the end of its process. */
function launch(context: Context, { detach, notifySocket }: RunRequest, { hold, record }: CreatedContainer): NotifyRelay | undefined {
  try {
    return startCreated(context, hold, record, notifySocket);
  } catch (error) {
    if (detach || !(error instanceof RuntimeError && error.code === 'CONTAINER_DELETED')) throw error;
    return undefined;
  }
}

/** A subreaper has to reap what it adopts. */
const signalsOf = ({ noSubreaper }: RunRequest): readonly number[] => (noSubreaper ? forwardedSignals : [...forwardedSignals, SIGCHLD]);

function attend(context: Context, run: RunRequest, container: CreatedContainer, witness: MemoryWitness, relay?: NotifyRelay): number {
  const { record, pidfd, console } = container;
  let ended: { readonly status: number; readonly signal: number };
  try {
    const watch = relay ? { watched: relay.fd, onReadable: () => relay.pass() } : {};
    const memory = { changing: witness.fds, onChange: (...contents: string[]) => witness.look(...contents) };
    const request = { pid: record.pid, pidfd, console, signals: signalsOf(run), ...watch, ...memory };
    ended = traced(context, 'wait for the program', 'runtime', () => addon.foreground(request));
  } finally {
    relay?.close();
  }
  conclude(context, container, run.keep, { ended, memory: witness.seen });
  // Last, and without a lock: what has survived the process is gone by now, and its streams are at their end.
  container.hold.close();
  addon.drainForeground(run.keep);
  return ended.signal > 0 ? 128 + ended.signal : ended.status;
}

interface Conclusion {
  readonly ended: { readonly status: number; readonly signal: number };
  readonly memory: MemoryRecord | undefined;
}

/** What is left to do once the program has ended. Its exit status is the answer, whatever becomes of this. */
function conclude(context: Context, { record, hold }: CreatedContainer, keep: boolean, { ended, memory }: Conclusion): void {
  try {
    tellOfMemory(context, record, ended.signal, memory);
    if (!hold.lockOrWarn(context)) return;
    if (keep) save(context, { ...record, ending: { ...endingOf(ended), ...memoryEnding(memory) } });
    else destroy(context, hold, record);
  } catch (error) {
    context.warn({ code: 'CLEANUP_FAILED', message: `cleaning up ${record.id}: ${messageOf(error)}` });
  }
}

/** Whoever reads the exit status 137 cannot tell the kernel's kill from somebody's. */
function tellOfMemory(context: Context, { id }: ContainerRecord, signal: number, memory: MemoryRecord | undefined): void {
  const death = signal === SIGKILL ? memoryDeath(memory) : undefined;
  if (death !== undefined) context.warn({ code: 'OOM_KILLED', message: `the process of container ${id} was ${death}` });
}
