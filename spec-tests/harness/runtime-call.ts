import type { CommandOptions, Result } from './command.ts';

/** How the runtime is called. */
export interface CallOptions extends CommandOptions {
  /** Options before the verb. */
  readonly global?: readonly string[];
  /** A program and its arguments that execute the runtime, e.g. the probe's `launch`. */
  readonly through?: readonly string[];
}

export interface RunOptions extends CallOptions {
  /** Options after the verb. */
  readonly options?: readonly string[];
}

/** What calls the runtime under test. */
export interface Caller {
  runtime(args: readonly string[], options?: CallOptions): Promise<Result>;
}
