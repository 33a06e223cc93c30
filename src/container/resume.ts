import { RuntimeError } from '../errors.ts';
import { thaw } from './cgroups/freezer.ts';
import type { Context } from './context.ts';
import { locked } from './state/hold.ts';
import { load } from './state/store.ts';
import { currentStatus } from './state.ts';

/**
 * Lets the processes of a paused container go on (CLI-067).
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_PAUSED
 */
export function resume(context: Context, id: string): void {
  locked(context, id, () => {
    const record = load(context, id);
    const status = currentStatus(context, record);
    if (status !== 'paused') throw new RuntimeError('NOT_PAUSED', `container not paused: ${id} is ${status}`);
    thaw(record.cgroupPaths);
  });
}
