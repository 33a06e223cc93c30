import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { appArmor } from './harness/apparmor.ts';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { asUser, bundleOfUser, needs, several, single } from './harness/plain-user.ts';
import type { RunOptions } from './harness/runtime-call.ts';
import { findRuntime } from './harness/suite.ts';

// Ubuntu lets nobody without a profile that says so make user namespaces. Its kernel alone has the sysctl for it; elsewhere a profile around the
// caller does the same. AppArmor 4 knows the rule.

const mediates = [
  ...appArmor,
  '/sys/kernel/security/apparmor/features/namespaces/mask',
  '/etc/apparmor.d/abi/4.0',
  '/usr/bin/aa-exec',
  'a static executable',
  ...needs,
] as const;

async function load(box: Box, name: string, text: string): Promise<void> {
  const file = join(box.directory, name);
  writeFileSync(file, text);
  (await box.host([appArmor[1], '--replace', '--skip-cache', file])).ok();
}

/** The user in a profile that allows all but user namespaces (the init program in memory has the path /), where a program with a profile of its own gets that. */
async function fenced(box: Box): Promise<RunOptions> {
  const [runtime = ''] = findRuntime().command;
  const name = `${box.suite.tag}-fence`;
  const rules = 'capability, network, signal, ptrace, unix, mount, umount, pivot_root, mqueue, dbus, change_profile, / ix, /** mrwlkix,';
  const text = `abi <abi/4.0>,\nprofile ${name} flags=(attach_disconnected,mediate_deleted) { ${rules} ${runtime} pix, }\n`;
  await load(box, 'fence', text);
  // What aa-exec executes is in the profile whatever it is; what that executes has its own.
  return { through: [...asUser(box), 'aa-exec', '-p', name, '--', 'env'] };
}

/** The profile that is shipped, for the runtime where it lies here. */
async function ship(box: Box): Promise<void> {
  const [runtime = ''] = findRuntime().command;
  const text = readFileSync(join(import.meta.dirname, '../share/apparmor.d/runts'), 'utf8');
  const [attachment = ''] = /\/usr\/\S+/.exec(text) ?? [];
  await load(box, 'runts', text.replace(`runts ${attachment}`, `runts ${runtime}`));
}

describe('AppArmor that forbids user namespaces', () => {
  clause(
    'RUN-012 is named with the profile that lacks the rule',
    async (box) => {
      const call = await fenced(box);
      const result = await box.run(await bundleOfUser(box, single), call);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/unable to create a user namespace: unshare: permission denied/);
      expect(result.stderr).toMatch(/hint the AppArmor profile \S+-fence, under which runts was called, has no rule `userns,`/);
    },
    'runts',
    ...mediates,
  );

  clause(
    'RUN-010 allows them by the profile that is shipped, to the init program in memory too, and to exec',
    async (box) => {
      const call = await fenced(box);
      await ship(box);
      try {
        const label = 'runts (unconfined)';
        const bundle = await bundleOfUser(box, several, (config) => {
          config.process.args = ['sh', '-c', 'cat /proc/self/attr/current; exec sleep 1000'];
        });
        const container = await box.create(bundle, call);
        expect(readFileSync(`/proc/${container.pid}/exe`).subarray(1, 4).toString()).toBe('ELF');
        expect(readFileSync(`/proc/${container.pid}/attr/current`, 'utf8').trim()).toBe(label);
        (await box.runtime(['start', container.id], call)).ok();
        expect(await container.prints(/runts.*/)).toBe(label);
        const inside = await container.exec(['cat', '/proc/self/attr/current'], [], call);
        expect(inside.ok().stdout.trim()).toBe(label);
        (await box.runtime(['delete', '--force', container.id], call)).ok();
      } finally {
        (await box.host([appArmor[1], '--remove', join(box.directory, 'runts')])).ok();
      }
    },
    'runts',
    ...mediates,
  );
});
