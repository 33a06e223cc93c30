import { defineConfig } from 'vitest/config';

/** The engines' scenarios: one daemon after the other, in the namespaces of `enter`. */
export default defineConfig({
  test: {
    include: ['spec-tests/engines/*.engine.ts'],
    reporters: ['default', './spec-tests/harness/reporter.ts'],
    fileParallelism: false,
    pool: 'forks',
    // As in the other suite: daemons of others have races of their own.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
