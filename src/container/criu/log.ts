import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { isSystemError } from '../../native/system-error.ts';

/** Of a longer log the beginning is enough for nobody; CRIU's are some hundred kilobytes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What CRIU calls an error, and goes on. */
const harmless = /Can't setup RLIMIT_NOFILE|Can't keep kdat cache/;
/** How many lines are told: the first is the cause, the others what came of it. */
const MOST_LINES = 3;

/** The flag that allows what CRIU has refused, by the words for it, which do not always name one. */
const remedies: readonly (readonly [words: RegExp, flag: string])[] = [
  [/Unix socket \d+ without peer|ext-unix-sk/, '--ext-unix-sk'],
  [/In-flight connection/i, '--tcp-skip-in-flight'],
  [/tcp-established/, '--tcp-established'],
  [/file-locks/, '--file-locks'],
  [/link-remap/, '--link-remap'],
  [/shell-job/, '--shell-job'],
];

export const remedyFor = (cause: string): string | undefined => remedies.find(([words]) => words.test(cause))?.[1];

/** The errors in a log of CRIU: "(00.207717)     12: Error (criu/files-reg.c:1790): words". */
export function errorsOf(log: string): string[] {
  return log
    .split('\n')
    .flatMap((line) => /^\([\d.]+\)\s+(?:\d+: )?Error \([^)]*\): (.*)$/.exec(line)?.[1]?.trim() ?? [])
    .filter((words) => words !== '' && !harmless.test(words));
}

function read(path: string): string | undefined {
  try {
    return new TextDecoder().decode(addon.readBytes(path, MOST_BYTES));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** The failure of CRIU with what its log says of the cause, and where that is. Others stay as they are. */
export function withLog(error: unknown, path: string): unknown {
  if (!(error instanceof RuntimeError) || error.code !== 'CRIU_FAILED') return error;
  const log = read(path);
  if (log === undefined) return error;
  const causes = errorsOf(log).slice(0, MOST_LINES);
  const message = causes.length === 0 ? error.message : `${error.message}: ${causes.join('; ')}`;
  const flag = remedyFor(message);
  return error.restated(message, { hint: `${flag === undefined ? '' : `${flag} allows it; `}the whole log is ${path}` });
}
