import { RuntimeError } from '../errors.ts';

/** Major and minor number of a release of Linux. */
export type KernelRelease = readonly [major: number, minor: number];

/** The oldest that runts runs on. */
const oldest: KernelRelease = [5, 10];

export const isAtLeast = ([major, minor]: KernelRelease, since: KernelRelease): boolean =>
  major > since[0] || (major === since[0] && minor >= since[1]);

/** @throws RuntimeError KERNEL_TOO_OLD when `what` takes a later release than that of the host. */
export function requireKernel(kernel: KernelRelease, since: KernelRelease, what: string, pointer?: string): void {
  if (isAtLeast(kernel, since)) return;
  const message = `${what} needs Linux ${since.join('.')} or later, and this is ${kernel.join('.')}`;
  throw new RuntimeError('KERNEL_TOO_OLD', message, pointer === undefined ? {} : { pointer });
}

/** @throws RuntimeError KERNEL_TOO_OLD when nothing runs on the host. */
export const requireOldest = (kernel: KernelRelease): void => requireKernel(kernel, oldest, 'runts');
