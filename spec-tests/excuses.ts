/**
 * Binding clauses without a test. An excuse names a contradiction (AMB, chapter 12 of docs/requirements.md) or hardware that neither this kind of
 * machine nor the VM has (VM, chapter 13); nothing else is one. `clauses` holds ids and ranges, as a title does.
 */
export interface Excuse {
  readonly clauses: string;
  readonly because: `AMB-${string}` | `VM-${string}`;
  readonly reason: string;
}

export const excuses: readonly Excuse[] = [];

/** Needs of tests that are met neither on the machine nor in the VM: a clause that only such tests name is not covered. */
export const unmet: readonly string[] = ['not runts'];
