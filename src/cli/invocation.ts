import type { Context } from '../container/context.ts';
import type { CommandName } from './commands.ts';
import type { Call } from './parse.ts';

/** What a verb gets: its flags and arguments, and where its words go. Verbs that only print need no addon, so that they can be tested anywhere. */
export interface Invocation<C extends CommandName> extends Call<C> {
  /** Writes to stdout. */
  readonly print: (text: string) => void;
  /** Whether a person reads what is printed. */
  readonly terminal: boolean;
  /** Whether warnings are errors. */
  readonly strict: boolean;
  /**
   * The context of the operations on containers.
   * @throws RuntimeError INVALID_ROOT
   */
  readonly context: () => Context;
}

/** A verb: returns the exit status. */
export type Verb<C extends CommandName> = (invocation: Invocation<C>) => number | Promise<number>;
