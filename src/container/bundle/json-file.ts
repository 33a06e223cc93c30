import { errnoText } from '../../errno.ts';
import type { ErrorCode } from '../../error-codes.ts';
import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, isSystemError } from '../../native/system-error.ts';

/** Largest JSON document that is read, in bytes. */
const LIMIT = 16 * 1024 * 1024;

function decoded(read: () => Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(read());
  } catch (error) {
    if (failedWith(error, 'EFBIG')) throw new RuntimeError('CONFIG_TOO_LARGE', `${name} is larger than 16 MiB`, { cause: error });
    if (error instanceof TypeError) throw new RuntimeError('INVALID_JSON', `${name} is not UTF-8`, { cause: error });
    throw error;
  }
}

/**
 * The text of a file that is to hold JSON.
 * @throws RuntimeError CONFIG_TOO_LARGE, INVALID_JSON (not UTF-8); SystemError
 */
export const readJsonFile = (path: string): string => decoded(() => addon.readBytes(path, LIMIT), path);

/**
 * As readJsonFile, for a file that a flag names: "-" is standard input.
 * @param what it is, for the message
 * @throws RuntimeError CONFIG_TOO_LARGE, INVALID_JSON, `unreadable`
 */
export function readGivenFile(path: string, what: string, unreadable: ErrorCode): string {
  if (path === '-') return decoded(() => addon.readFdBytes(0, LIMIT), 'standard input');
  try {
    return readJsonFile(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new RuntimeError(unreadable, `unable to read ${what}: open ${path}: ${errnoText(error.errno)}`, {
      errno: error.code,
      cause: error,
    });
  }
}
