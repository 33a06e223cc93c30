import { RuntimeError } from '../errors.ts';
import type { Context } from './context.ts';
import { mendHierarchy } from './criu/hierarchy.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { Hold } from './state/hold.ts';
import { destroy, endCriu, endHook, killInit } from './state/lifecycle.ts';
import { removeByName } from './state/salvage.ts';
import { discard, hasSpec, load } from './state/store.ts';
import { currentStatus } from './state.ts';

interface RemoveRequest {
  readonly force: boolean;
  /** The directory of the container that is meant, and no other of that name. */
  readonly only?: number;
}

/**
 * Deletes a stopped or a created container, which engines undo a create with; with `force` one in any state, and an unknown id is no error
 * (CLI-028, CLI-029).
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_STOPPED
 */
export function remove(context: Context, id: string, { force, only }: RemoveRequest): void {
  const hold = holdOf(context, id, force, only);
  if (!hold) return;
  try {
    const record = loadOrDiscard(context, id, force);
    if (!record) return;
    const status = currentStatus(context, record);
    if (!force && status !== 'stopped' && status !== 'created') {
      throw new RuntimeError('NOT_STOPPED', `cannot delete container ${id} that is not stopped: ${status}`, {
        hint: `stop it with "runts kill ${id}", or give --force`,
      });
    }
    // First: it may trace init, which goes away only then.
    endCriu(record);
    killInit(context, record);
    if (force) endHook(record);
    destroy(context, hold, record);
    mendHierarchy(context);
  } finally {
    hold.close();
  }
}

/** What another command has deleted by the time it could be locked is gone, as it should be. */
function holdOf(context: Context, id: string, force: boolean, only: number | undefined): Hold | undefined {
  try {
    return Hold.take(context, id, only);
  } catch (error) {
    if (force && error instanceof RuntimeError && error.code === 'CONTAINER_UNKNOWN') return undefined;
    throw error;
  }
}

/**
 * A directory with neither state nor configuration belongs to a create that was killed before it made anything. One whose state is damaged
 * or missing is removed by what its name tells, when it has to go.
 */
function loadOrDiscard(context: Context, id: string, force: boolean): ContainerRecord | undefined {
  try {
    return load(context, id);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const isMissing = error.code === 'CONTAINER_UNKNOWN';
    if (isMissing && !hasSpec(context, id)) discard(context, id);
    else if (force && (isMissing || error.code === 'STATE_DAMAGED')) {
      removeByName(context, id, isMissing ? 'state.json is missing' : error.message);
    } else throw error;
    if (force) return undefined;
    throw error;
  }
}
