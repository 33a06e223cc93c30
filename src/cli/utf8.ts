import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';

/** What a decoder puts in the place of bytes that are not UTF-8. Another name, another file. */
const REPLACEMENT = '\ufffd';
/** Bytes of all arguments together, at the most (execve(2): a quarter of a stack of 6 MiB). */
const COMMAND_LINE_LIMIT = 8 << 20;

/** The last `count` arguments of this process as they were given (proc_pid_cmdline(5)). */
function lastArguments(count: number): Uint8Array[] {
  const bytes = addon.readBytes('/proc/self/cmdline', COMMAND_LINE_LIMIT);
  const found: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(0); end >= 0; start = end + 1, end = bytes.indexOf(0, start))
    found.push(bytes.subarray(start, end));
  return found.slice(-count);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const shown = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join(
    '',
  );

/**
 * Arguments arrive as text, in which bytes that are not UTF-8 have already been replaced: what they name cannot be found, and something else
 * must not be made.
 * @returns what to say of the first such argument
 */
export function mangledArgument(argv: readonly string[]): RuntimeError | undefined {
  if (!argv.some((argument) => argument.includes(REPLACEMENT))) return undefined;
  const bad = lastArguments(argv.length).find((argument) => !isUtf8(argument));
  return bad && new RuntimeError('USAGE', `argument "${shown(bad)}" is not valid UTF-8`);
}

/**
 * The same for what the caller's surroundings say, of which nobody knows the bytes.
 * @param what in words, for the error
 * @throws RuntimeError USAGE
 */
export function intact<T extends string | undefined>(what: string, text: T): T {
  if (text?.includes(REPLACEMENT)) throw new RuntimeError('USAGE', `${what} ${JSON.stringify(text)} is not valid UTF-8`);
  return text;
}
