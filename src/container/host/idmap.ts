import { RuntimeError } from '../../errors.ts';
import { O_RDONLY } from '../../kernel.gen.ts';
import { addon, type InitEvent } from '../../native/addon.ts';
import { isSystemError } from '../../native/system-error.ts';
import type { Step } from '../../plan/plan.ts';
import { idMappingRefusal } from '../failure/idmap.ts';

/** The user namespace that the plan has in `slot`, or one with the same mappings. */
function userNamespace(steps: readonly Step[], slot: number): number {
  for (const { action } of steps) {
    if (action.op === 'userNamespace.make' && action.slot === slot) return addon.makeUserNamespace(action.uidMap, action.gidMap);
    if (action.op === 'ns.open' && action.slot === slot) return addon.open(action.path, O_RDONLY, 0);
  }
  throw new Error(`no step of the plan opens the user namespace of slot ${slot}`);
}

/**
 * Maps the ids of a mount for init. In a user namespace init has no power over the filesystem, and the runtime does not see what the earlier
 * mounts of the container have put at the source.
 * @param tree the detached mount; closed
 * @throws RuntimeError IDMAP_FAILED
 */
export function mapTree(steps: readonly Step[], { step, text }: InitEvent, tree: number): void {
  const { action, title, pointer } = steps[step] as Step;
  if (action.op !== 'tree.mapOutside') throw new Error(`step ${step} maps no ids`);
  const namespace = userNamespace(steps, action.userNamespace);
  try {
    addon.mapTree(tree, namespace, action.recursive);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { syscall, errno, code } = error;
    throw new RuntimeError('IDMAP_FAILED', `error mounting: cannot ${title}: ${idMappingRefusal(text[0] ?? '', errno)}`, {
      ...(pointer === undefined ? {} : { pointer }),
      step: title,
      syscall,
      errno: code,
      cause: error,
    });
  } finally {
    addon.close(namespace);
    addon.close(tree);
  }
}
