// Errors between threads: what structured clone makes of one is no instance of its class any more, and has lost its members.
import type { ErrorCode } from '../error-codes.ts';
import { type ErrorDetails, messageOf, RuntimeError } from '../errors.ts';
import { isSystemError } from '../native/system-error.ts';

/** An error as a message between threads. */
export interface Failure {
  readonly message: string;
  readonly stack?: string;
  /** Of a RuntimeError. */
  readonly code?: ErrorCode;
  /** Its other members, or those of a failed system call. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly cause?: Failure;
}

/** How many causes of causes are told. */
const DEPTH = 8;

export function failureOf(error: unknown, depth = DEPTH): Failure {
  const cause = error instanceof Error && error.cause !== undefined && depth > 0 ? { cause: failureOf(error.cause, depth - 1) } : {};
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  const base = { message: messageOf(error), ...stack, ...cause };
  if (error instanceof RuntimeError) {
    const { code, message: _message, name: _name, cause: _cause, stack: _stack, ...members } = error;
    return { ...base, code, members };
  }
  if (!isSystemError(error)) return { ...base, members: {} };
  const { code, errno, syscall, path } = error;
  return { ...base, members: { code, errno, syscall, ...(path === undefined ? {} : { path }) } };
}

/** The error that a failure was made of, in the thread that asked. */
export function errorOf({ message, stack, code, members, cause }: Failure): Error {
  const details = { ...members, ...(cause === undefined ? {} : { cause: errorOf(cause) }) };
  const error = code === undefined ? plain(message, details) : new RuntimeError(code, message, details as ErrorDetails);
  // Where it was thrown, and not where it was heard of.
  return stack === undefined ? error : Object.defineProperty(error, 'stack', { value: stack });
}

function plain(message: string, { cause, ...members }: { readonly cause?: Error }): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), members);
}
