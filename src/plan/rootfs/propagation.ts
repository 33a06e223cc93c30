import { MS_REC } from '../../kernel.gen.ts';
import { propagationOptions } from '../../spec/mounts/options.ts';
import type { PlanContext } from '../context.ts';
import type { Step } from '../plan.ts';

/** What `linux.rootfsPropagation` asks for, once the root is "/". */
export function planRootPropagation({ linux }: PlanContext): Step[] {
  const name = linux.rootfsPropagation;
  if (!name) return [];
  const flags = propagationOptions[name] as bigint;
  return [
    {
      chapter: 'Change of root',
      pointer: '/linux/rootfsPropagation',
      title: `set the propagation of / to ${name}`,
      stage: 'init',
      action: { op: 'root.setattr', set: 0n, clear: 0n, propagation: flags & ~MS_REC, recursive: (flags & MS_REC) !== 0n },
    },
  ];
}
