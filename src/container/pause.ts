import { RuntimeError } from '../errors.ts';
import { freeze } from './cgroups/freezer.ts';
import type { Context } from './context.ts';
import { locked } from './state/hold.ts';
import { load } from './state/store.ts';
import { currentStatus } from './state.ts';

/**
 * Stops all processes of a created or running container (CLI-066). On return none of them runs.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING, FREEZE_UNSUPPORTED, FREEZE_TIMEOUT (then the container goes on)
 */
export function pause(context: Context, id: string): void {
  locked(context, id, () => {
    const record = load(context, id);
    const status = currentStatus(context, record);
    if (status !== 'running' && status !== 'created') {
      throw new RuntimeError('NOT_RUNNING', `container not running: ${id} is ${status}`);
    }
    freeze(record.cgroupPaths);
  });
}
