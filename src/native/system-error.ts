/** What a failed call of the addon throws: an Error with these fields. */
export interface SystemError extends Error {
  readonly message: string;
  /** Symbolic errno, e.g. "ENOENT". */
  readonly code: `E${string}`;
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
  /** What the kernel says of it besides, where somebody has asked. */
  readonly detail?: string;
}

/** Whether what was caught is a failed call of the addon. */
export function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error)) return false;
  const { code, errno, syscall } = error as Error & Partial<Record<'code' | 'errno' | 'syscall', unknown>>;
  return typeof errno === 'number' && typeof syscall === 'string' && typeof code === 'string';
}

/** Whether a call of the addon has failed with one of these errnos. */
export const failedWith = (error: unknown, ...codes: readonly string[]): error is SystemError =>
  isSystemError(error) && codes.includes(error.code);

/** Whether QuickJS, or the addon, found no memory for an object; null is what QuickJS throws when there is none for an Error either. */
export const isOutOfMemory = (error: unknown): boolean => error === null || (error instanceof Error && error.message === 'out of memory');

/** Whether it says something about the machine, and nothing about the file that was asked for: never that it is not there. */
export const isExhaustion = (error: unknown): boolean => failedWith(error, 'EIO', 'ENOMEM', 'EMFILE', 'ENFILE');

/** The same failure, with what else the kernel says of it. */
export function withDetail(error: SystemError, detail: string): SystemError {
  const { code, errno, syscall, path } = error;
  return Object.assign(new Error(error.message, { cause: error }), {
    code,
    errno,
    syscall,
    ...(path === undefined ? {} : { path }),
    detail,
  });
}
