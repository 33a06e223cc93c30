import { defineConfig } from 'vitest/config';

/** What the machine for aarch64 has left behind: see `run`. */
export default defineConfig({
  test: { include: ['spec-tests/aarch64/*.results.ts'], reporters: ['default', './spec-tests/harness/reporter.ts'] },
});
