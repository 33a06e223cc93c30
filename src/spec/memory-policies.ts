import {
  MPOL_BIND,
  MPOL_DEFAULT,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_PREFERRED,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
} from '../kernel.gen.ts';
import type { MemoryPolicyMode } from './types.gen.ts';

interface MemoryPolicy {
  /** For set_mempolicy(2). */
  readonly number: number;
  readonly nodes: 'none' | 'any' | 'needed';
}

/** The policies of set_mempolicy(2), and whether they are about nodes. */
export const memoryPolicies: Readonly<Record<MemoryPolicyMode, MemoryPolicy>> = {
  MPOL_DEFAULT: { number: MPOL_DEFAULT, nodes: 'none' },
  MPOL_PREFERRED: { number: MPOL_PREFERRED, nodes: 'any' },
  MPOL_BIND: { number: MPOL_BIND, nodes: 'needed' },
  MPOL_INTERLEAVE: { number: MPOL_INTERLEAVE, nodes: 'needed' },
  MPOL_LOCAL: { number: MPOL_LOCAL, nodes: 'none' },
  MPOL_PREFERRED_MANY: { number: MPOL_PREFERRED_MANY, nodes: 'needed' },
  MPOL_WEIGHTED_INTERLEAVE: { number: MPOL_WEIGHTED_INTERLEAVE, nodes: 'needed' },
};
