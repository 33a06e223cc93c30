import type { MemoryPolicyFlag, MemoryPolicyMode } from './types.gen.ts';

interface MemoryPolicy {
  /** MPOL_* of linux/mempolicy.h. */
  readonly number: number;
  readonly nodes: 'none' | 'any' | 'needed';
}

/** The policies of set_mempolicy(2), and whether they are about nodes. */
export const memoryPolicies: Readonly<Record<MemoryPolicyMode, MemoryPolicy>> = {
  MPOL_DEFAULT: { number: 0, nodes: 'none' },
  MPOL_PREFERRED: { number: 1, nodes: 'any' },
  MPOL_BIND: { number: 2, nodes: 'needed' },
  MPOL_INTERLEAVE: { number: 3, nodes: 'needed' },
  MPOL_LOCAL: { number: 4, nodes: 'none' },
  MPOL_PREFERRED_MANY: { number: 5, nodes: 'needed' },
  MPOL_WEIGHTED_INTERLEAVE: { number: 6, nodes: 'needed' },
};

/** Bits that are added to a policy's number. */
export const memoryPolicyFlags: Readonly<Record<MemoryPolicyFlag, number>> = {
  MPOL_F_STATIC_NODES: 1 << 15,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_NUMA_BALANCING: 1 << 13,
};
