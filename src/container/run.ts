import { addon } from '../native/addon.ts';
import { SIGKILL } from '../native/constants.ts';
import type { Context } from './context.ts';
import { type CreatedContainer, type CreateRequest, createContainer } from './create.ts';
import { forwardedSignals } from './foreground.ts';
import { destroy, killAndDestroy } from './lifecycle.ts';
import { MemoryWitness } from './memory-witness.ts';
import type { NotifyRelay } from './notify.ts';
import { endingOf, type MemoryRecord, memoryDeath, memoryEnding } from './post-mortem.ts';
import { startCreated, waitUntilReady } from './start.ts';
import { type ContainerRecord, locked, save } from './store.ts';
import { traced } from './trace.ts';

export interface RunRequest extends CreateRequest {
  readonly detach: boolean;
  /** Leaves the container after its process ended, for `delete`. */
  readonly keep: boolean;
  readonly noSubreaper: boolean;
}

/**
 * create and start; in the foreground also wait and delete (CLI-031 to CLI-041).
 * @returns the exit status of the container's process (128 + n when signal n killed it), 0 when detached
 */
export function run(context: Context, request: RunRequest): number {
  const container = createContainer(context, request, request.detach);
  try {
    // From the moment the program runs, a signal is the program's, also one that comes before this process attends to it.
    if (!request.detach) addon.holdSignals(forwardedSignals, container.console >= 0);
    const start = () => locked(context, request.id, () => startCreated(context, container.record, request.notifySocket));
    const relay = traced(context, 'start the program', 'runtime', start);
    if (!request.detach) return attend(context, request, container, relay);
    if (relay) waitUntilReady(relay);
    return 0;
  } finally {
    addon.releaseSignals();
    for (const fd of [container.pidfd, container.console]) if (fd >= 0) addon.close(fd);
  }
}

function attend(context: Context, { keep }: RunRequest, { record, pidfd, console }: CreatedContainer, relay?: NotifyRelay): number {
  let ended: { readonly status: number; readonly signal: number };
  const witness = new MemoryWitness(record.cgroupPaths);
  try {
    const watch = relay ? { watched: relay.fd, onReadable: () => relay.pass() } : {};
    const memory = { changing: witness.fd, onChange: (events: string) => witness.look(events) };
    const request = { pid: record.pid, pidfd, console, signals: forwardedSignals, ...watch, ...memory };
    ended = traced(context, 'wait for the program', 'runtime', () => addon.foreground(request));
  } catch (error) {
    killAndDestroy(context, record);
    throw error;
  } finally {
    witness.close();
    relay?.close();
  }
  tellOfMemory(context, record, ended.signal, witness.seen);
  const ending = { ...endingOf(ended), ...memoryEnding(witness.seen) };
  locked(context, record.id, () => (keep ? save(context, { ...record, ending }) : destroy(context, record)));
  return ended.signal > 0 ? 128 + ended.signal : ended.status;
}

/** Whoever reads the exit status 137 cannot tell the kernel's kill from somebody's. */
function tellOfMemory(context: Context, { id }: ContainerRecord, signal: number, memory: MemoryRecord | undefined): void {
  const death = signal === SIGKILL ? memoryDeath(memory) : undefined;
  if (death !== undefined) context.warn({ code: 'OOM_KILLED', message: `the process of container ${id} was ${death}` });
}
