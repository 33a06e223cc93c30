import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { SyncPoint } from '../../plan/wire/places.ts';
import { slots } from '../../plan/wire/places.ts';
import type { Context } from '../context.ts';
import { handlersAlone } from '../init/handlers.ts';
import type { SlotDescriptor } from '../init/runtime-steps.ts';
import { converse, type InitProcess, type InitRequest, lastWords } from '../init/spawn.ts';

/**
 * Waits until init has become CRIU.
 * @param answers what init is given at a sync point; at `staged`, the last, the far end of the connection goes with it
 * @returns the socket that CRIU serves
 * @throws RuntimeError of the step that failed
 */
export function connectToCriu(
  context: Context,
  init: InitProcess,
  request: InitRequest,
  answers: (point: SyncPoint, pid: number) => readonly SlotDescriptor[],
): number {
  const [own, far] = addon.packetPair();
  let passed = false;
  // Of an init that has gone the runtime finds nothing any more, which is not what went wrong.
  const answered: typeof answers = (point, pid) => {
    try {
      return answers(point, pid);
    } catch (error) {
      throw lastWords(init, request) ?? error;
    }
  };
  const sync = (point: SyncPoint, pid: number): readonly SlotDescriptor[] => {
    const others = answered(point, pid);
    if (point !== 'staged') return others;
    passed = true;
    return [{ slot: slots.criuSocket, fd: far }, ...others];
  };
  try {
    converse(init, request, handlersAlone(context, sync));
    if (!passed) throw new RuntimeError('INIT_DIED', 'init ended before it became CRIU');
    return own;
  } catch (error) {
    addon.close(own);
    if (!passed) addon.close(far);
    throw error;
  }
}
