import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';

/** Major and minor number of a release of Linux. */
export type KernelRelease = readonly [major: number, minor: number];

/** The oldest that runts runs on. */
export const oldest: KernelRelease = [5, 10];

export const isAtLeast = ([major, minor]: KernelRelease, since: KernelRelease): boolean =>
  major > since[0] || (major === since[0] && minor >= since[1]);

/** That `what` takes a later release than that of the host, in words; undefined where it does not. */
export const tooOldFor = (kernel: KernelRelease, since: KernelRelease, what: string): string | undefined =>
  isAtLeast(kernel, since) ? undefined : `${what} needs Linux ${since.join('.')} or later, and this is ${kernel.join('.')}`;

/** @throws RuntimeError KERNEL_TOO_OLD when `what` takes a later release than that of the host. */
export function requireKernel(kernel: KernelRelease, since: KernelRelease, what: string, pointer?: string): void {
  const message = tooOldFor(kernel, since, what);
  if (message !== undefined) throw new RuntimeError('KERNEL_TOO_OLD', message, pointer === undefined ? {} : { pointer });
}

/** @throws RuntimeError KERNEL_TOO_OLD when nothing runs on the host. */
export const requireOldest = (kernel: KernelRelease): void => requireKernel(kernel, oldest, 'runts');

/** Control files of cgroups that came later than the oldest kernel. */
const controlFiles: Readonly<Record<string, KernelRelease>> = {
  'cgroup.pressure': [6, 1],
  'cpu.cfs_burst_us': [5, 14],
  'cpu.idle': [5, 15],
  'cpu.max.burst': [5, 14],
  'cpuset.cpus.exclusive': [6, 7],
  'memory.zswap.max': [5, 19],
  'memory.zswap.writeback': [6, 8],
};

/**
 * Why a control file is not there, where it is the kernel's age. To be asked once it is missed, not before: vendors bring such files to older kernels.
 * @param path of the file
 */
export function whyNoFile(kernel: KernelRelease, path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const since = lookup(controlFiles, name);
  return since && tooOldFor(kernel, since, name);
}
