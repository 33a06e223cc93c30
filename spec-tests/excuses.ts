/**
 * Binding clauses without a test. An excuse names a contradiction (AMB, chapter 12 of the checklist) or hardware that neither this kind of
 * machine nor the VM has (VM, chapter 13); nothing else is one. `clauses` holds ids and ranges, as a title does.
 */
export interface Excuse {
  readonly clauses: string;
  readonly because: `AMB-${string}` | `VM-${string}` | 'conflict';
  readonly reason: string;
}

export const excuses: readonly Excuse[] = [
  // The row itself names the conflict: engines hand over a path, as runc has it, and never the number of a descriptor.
  {
    clauses: 'DRAFT-007',
    because: 'conflict',
    reason: 'the draft wants the number of a descriptor, every engine gives the path of a socket',
  },
];

/** Needs of tests that are met neither on the machine nor in the VM: a clause that only such tests name is not covered. */
export const unmet: readonly string[] = ['not runts'];
