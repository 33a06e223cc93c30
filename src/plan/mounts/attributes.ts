import { MOUNT_ATTR__ATIME } from '../../kernel.gen.ts';
import type { AttributeChange } from '../../spec/mounts/options.ts';
import type { Action } from '../wire/ops.ts';

type SetAttributes = Extract<Action, { op: 'tree.setattr' }>;

/** The kernel refuses a time attribute unless the whole group is cleared with it. */
export const withAtimeGroup = ({ set, clear }: AttributeChange): AttributeChange => ({
  set,
  clear: (set & MOUNT_ATTR__ATIME) !== 0n ? clear | MOUNT_ATTR__ATIME : clear,
});

/** The change of the detached mount in `slot`; what is left out stays as it is. */
export function setAttributes(slot: number, change: Partial<Omit<SetAttributes, 'op' | 'slot'>>): SetAttributes {
  const { set = 0n, clear = 0n, spare = 0n, locked = false, propagation = 0n, userNamespace = 0, recursive = false } = change;
  return { op: 'tree.setattr', slot, ...withAtimeGroup({ set, clear }), spare, locked, propagation, userNamespace, recursive };
}
