import { addon } from '../native/addon.ts';
import type { Context } from './context.ts';
import { type CreatedContainer, type CreateRequest, createContainer } from './create.ts';
import { forwardedSignals } from './foreground.ts';
import { destroy, killAndDestroy } from './lifecycle.ts';
import { startCreated } from './start.ts';
import { locked } from './store.ts';

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
    locked(context, request.id, () => startCreated(context, container.record));
    return request.detach ? 0 : attend(context, request, container);
  } finally {
    for (const fd of [container.pidfd, container.console]) if (fd >= 0) addon.close(fd);
  }
}

function attend(context: Context, { keep }: RunRequest, { record, pidfd, console }: CreatedContainer): number {
  let ended: { readonly status: number; readonly signal: number };
  try {
    ended = addon.foreground({ pid: record.pid, pidfd, console, signals: forwardedSignals });
  } catch (error) {
    killAndDestroy(context, record);
    throw error;
  }
  if (!keep) locked(context, record.id, () => destroy(context, record));
  return ended.signal > 0 ? 128 + ended.signal : ended.status;
}
