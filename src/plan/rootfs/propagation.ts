import { MS_PRIVATE, MS_REC, MS_SLAVE } from '../../kernel.gen.ts';
import { propagationOptions } from '../../spec/mounts/options.ts';
import type { PlanContext } from '../context.ts';
import type { Step } from '../plan.ts';

/** What the mounts of the host become in the container before any mount is made: what an entry of `mounts` then asks for stays. */
export const propagationFromHost = ({ linux }: PlanContext): bigint => (linux.rootfsPropagation === 'rprivate' ? MS_PRIVATE : MS_SLAVE);

/** What `linux.rootfsPropagation` asks for, once the root is "/". */
export function planRootPropagation({ linux }: PlanContext): Step[] {
  const name = linux.rootfsPropagation;
  if (!name) return [];
  const flags = propagationOptions[name] as bigint;
  // Of the others everything is made in the beginning.
  const recursive = (flags & MS_REC) !== 0n && !/private|slave/.test(name);
  return [
    {
      chapter: 'Change of root',
      pointer: '/linux/rootfsPropagation',
      title: `set the propagation of / to ${name}`,
      stage: 'init',
      action: { op: 'root.setattr', set: 0n, clear: 0n, propagation: flags & ~MS_REC, recursive },
    },
  ];
}
