import { SIGCHLD } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';

/** Signals that stay here: they cannot be caught, speak of our own children, or of what we do to our own terminal in the background. */
const kept = new Set([9, 19, SIGCHLD, 21, 22]);

/**
 * Signals a foreground `run` or `exec` hands on to the container's process: everything that can be caught, real-time signals included.
 * SIGTSTP stops the command, too.
 */
export const forwardedSignals: readonly number[] = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => !kept.has(signal),
);

/**
 * Whether the terminal of a program in the foreground adds no carriage return to a newline. Where both ends are the caller's terminal, that is
 * raw meanwhile and shows what the other made; whoever else reads it wants the lines that the program wrote.
 */
export const plainNewlines = (): boolean => !(addon.isTerminal(0) && addon.isTerminal(1));
