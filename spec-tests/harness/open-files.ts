import { afterAll, expect, inject } from 'vitest';
import { openTestFiles } from './leftovers.ts';

/** Runs in every worker after every file: the harness itself must not collect descriptors. */
afterAll(() => {
  const { directory } = inject('suite');
  if (directory !== '') expect(openTestFiles(directory)).toEqual([]);
});
