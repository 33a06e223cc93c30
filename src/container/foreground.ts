/** Signals that a foreground command must keep: they cannot be caught, speak of its own children, or stop it for job control. */
const kept = new Set([9, 19, 17, 18, 20, 21, 22]);

/**
 * Signals a foreground `run` or `exec` hands on to the container's process: everything that can be caught, but faults of the
 * runtime itself (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS).
 */
const faults = new Set([4, 5, 6, 7, 8, 11, 31]);

export const forwardedSignals: readonly number[] = Array.from({ length: 31 }, (_, index) => index + 1).filter(
  (signal) => !kept.has(signal) && !faults.has(signal),
);
