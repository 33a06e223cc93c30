import type { ErrorCode } from './error-codes.ts';

/** A finding of validation. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/** What an error has beside its code and its message. */
export interface ErrorDetails {
  /** JSON pointer into config.json (or the process / resources file). */
  readonly pointer?: string;
  readonly problems?: readonly Problem[];
  /** Title of the plan step that failed. */
  readonly step?: string;
  readonly syscall?: string;
  /** Symbolic errno, e.g. "EINVAL". */
  readonly errno?: string;
  readonly hint?: string;
  /** The line of a text that is wrong, and a caret below the place in it. */
  readonly excerpt?: string;
  readonly cause?: unknown;
}

/** What somebody threw, in its words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The one error class of runts: `code` is permanent and documented in docs/errors.md, `message` keeps the words engines match on. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  declare readonly message: string;
  readonly code: ErrorCode;
  readonly pointer?: string;
  readonly problems?: readonly Problem[];
  readonly step?: string;
  readonly syscall?: string;
  readonly errno?: string;
  readonly hint?: string;
  readonly excerpt?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    const { cause: _cause, ...rest } = details;
    Object.assign(this, rest);
  }

  /** The same failure in other words, or with other details; this one is its cause. */
  restated(message: string, details: Omit<ErrorDetails, 'cause'> = {}): RuntimeError {
    const { code, message: _message, name: _name, ...own } = this;
    return new RuntimeError(code, message, { ...own, ...details, cause: this });
  }
}
