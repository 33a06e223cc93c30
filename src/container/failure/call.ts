import { callText } from '../../errno.ts';
import type { ErrorCode } from '../../error-codes.ts';
import { RuntimeError } from '../../errors.ts';
import { isSystemError } from '../../native/system-error.ts';

/**
 * An error about a system call that failed.
 * @param unable what it was for, with the path that the caller knows: "unable to write the pid file /x"
 * @returns what was caught itself, when it is no failed call
 */
export function callFailure(code: ErrorCode, unable: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  const { syscall, errno, detail, code: name } = cause;
  const text = callText({ syscall, errno, ...(detail === undefined ? {} : { detail }) });
  return new RuntimeError(code, `${unable}: ${text}`, { syscall, errno: name, cause });
}
