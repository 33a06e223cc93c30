// What fails because of the kernel's age. It is told by what failed, not refused beforehand: vendors bring much of it to older kernels.
import { presentKernel } from '../../host/probe.ts';
import {
  EINVAL,
  EPERM,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
  memoryPolicyFlags,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '../../kernel.gen.ts';
import type { SystemError } from '../../native/system-error.ts';
import { type KernelRelease, tooOldFor, whyNoFile } from '../../plan/kernel-release.ts';
import type { Action } from '../../plan/wire/ops.ts';
import { whyNotMapped } from './idmap.ts';

type Feature = readonly [since: KernelRelease, what: string];

const policyFlags = Object.values(memoryPolicyFlags).reduce((bits, bit) => bits | bit, 0);

/** What the kernel may not know yet of a memory policy (set_mempolicy(2)). */
function policyFeature(mode: number): Feature | undefined {
  switch (mode & ~policyFlags) {
    case MPOL_WEIGHTED_INTERLEAVE:
      return [[6, 9], 'MPOL_WEIGHTED_INTERLEAVE'];
    case MPOL_PREFERRED_MANY:
      return [[5, 15], 'MPOL_PREFERRED_MANY'];
    default:
      return (mode & memoryPolicyFlags.MPOL_F_NUMA_BALANCING) !== 0 ? [[5, 12], 'MPOL_F_NUMA_BALANCING'] : undefined;
  }
}

function feature(action: Action, errno: number): Feature | undefined {
  if (action.op === 'mempolicy.set' && errno === EINVAL) return policyFeature(action.mode);
  // A filter with a listener is loaded by create, where the whole step is known.
  if (
    action.op === 'seccomp.load' &&
    errno === EINVAL &&
    action.listener &&
    (action.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0n
  ) {
    return [[5, 19], 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'];
  }
  const mounts = action.op === 'fs.mount' || action.op === 'fs.mountLegacy';
  return mounts && action.type === 'overlay' && errno === EPERM ? [[5, 11], 'overlay in a user namespace'] : undefined;
}

/** That the kernel is too old for a control file that was not there, in words; undefined where its age is not the reason. */
export const lackOfFile = (path: string, { code }: SystemError): string | undefined =>
  code === 'ENOENT' ? whyNoFile(presentKernel(), path) : undefined;

/**
 * That the kernel is too old for what a step was to do, in words; undefined where its age is not the reason.
 * @param detail what init found
 */
export function lackOf(action: Action, errno: number, detail: string, kernel: KernelRelease): string | undefined {
  if (action.op === 'tree.setattr' && action.userNamespace !== 0) return whyNotMapped(detail, errno, kernel);
  const found = feature(action, errno);
  return found && tooOldFor(kernel, ...found);
}
