import { writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { bundleOfUser, byUser, needs, single } from './harness/plain-user.ts';

const file = '/proc/sys/kernel/unprivileged_userns_clone';

describe("Debian's kernels, where users may be kept from user namespaces", () => {
  clause(
    'RUN-012 the parameter that forbids them is named',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['true'];
      });
      writeFileSync(file, '0');
      try {
        const result = await box.run(bundle, byUser(box));
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/unable to create a user namespace: unshare: operation not permitted/);
        expect(result.stderr).toContain('`sysctl kernel.unprivileged_userns_clone=1` allows it');
      } finally {
        writeFileSync(file, '1');
      }
      (await box.run(bundle, byUser(box))).ok();
    },
    'runts',
    'a virtual machine',
    file,
    ...needs,
  );
});
