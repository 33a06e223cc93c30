import { defineConfig } from 'vitest/config';

// In the VM of spec-tests/vm every system call costs a hundred times more.
const inVm = process.env['VMRUN'] === '1';

const slowness = Number(process.env['SPEC_SLOWNESS'] ?? 1);

/** Two projects: `unit` needs no privileges and touches nothing, `spec` drives a runtime as root (spec-tests/README.md). */
export default defineConfig({
  test: {
    reporters: ['default', './spec-tests/harness/reporter.ts'],
    // Starting containers is work for the kernel: more workers only make every single test slower.
    maxWorkers: inVm ? 1 : 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 30_000,
          setupFiles: ['scripts/fuzz-seed.ts'],
        },
      },
      {
        test: {
          name: 'spec',
          include: ['spec-tests/**/*.spec.ts'],
          globalSetup: ['spec-tests/harness/global-setup.ts'],
          setupFiles: ['spec-tests/harness/open-files.ts'],
          pool: 'forks',
          // One stalled machine must not stop a landing; the report tells which tests needed it.
          retry: process.env['CI'] ? 1 : 0,
          testTimeout: slowness * (inVm ? 240_000 : 60_000),
          hookTimeout: slowness * (inVm ? 240_000 : 60_000),
        },
      },
    ],
  },
});
