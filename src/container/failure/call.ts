import { callText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import type { SystemError } from '../../native/addon.ts';

/**
 * An error about a system call that failed.
 * @param unable what it was for, with the path that the caller knows: "unable to write the pid file /x"
 */
export function callFailure(code: string, unable: string, cause: SystemError): RuntimeError {
  const { syscall, errno, detail, code: name } = cause;
  const text = callText({ syscall, errno, ...(detail === undefined ? {} : { detail }) });
  return new RuntimeError(code, `${unable}: ${text}`, { syscall, errno: name, cause });
}
