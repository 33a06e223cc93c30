import { RuntimeError } from '../errors.ts';
import { thaw } from './cgroup-freezer.ts';
import type { Context } from './context.ts';
import { locked } from './hold.ts';
import { currentStatus } from './state.ts';
import { load } from './store.ts';

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
