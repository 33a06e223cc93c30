import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';

/** The number of the initial user namespace is part of the kernel's ABI (PROC_USER_INIT_INO). Its map is not: others may have the same. */
const INITIAL = 'user:[4026531837]';

/**
 * Whether this process lives in the initial user namespace.
 * @throws SystemError
 */
export function inInitialUserNamespace(): boolean {
  try {
    return addon.readLink('/proc/self/ns/user') === INITIAL;
  } catch (error) {
    // A kernel without user namespaces.
    if (failedWith(error, 'ENOENT')) return true;
    throw error;
  }
}
