import type { Condition } from './conditions.ts';

/** An action behind conditions. */
export interface Test {
  readonly action: number;
  readonly conditions: readonly Condition[];
}

/** What a system call gets: an action, or the action of the first test that holds, else `otherwise`. */
export type Outcome = number | { readonly tests: readonly Test[]; readonly otherwise: number };
