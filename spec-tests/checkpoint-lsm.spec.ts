import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { appArmor, loadProfile, unloadProfile } from './harness/apparmor.ts';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import { type Config, set } from './harness/config.ts';
import { counter, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';

const labelOf = (pid: number): string => readFileSync(`/proc/${pid}/attr/current`, 'utf8').replaceAll('\0', '').trim();

/** A restore that is not to come about. */
const attempt = (box: Box, { id, directory }: Bundle, flags: readonly string[]): Promise<Result> =>
  box.runtime(['restore', '--detach', '--bundle', directory, ...flags, id], withCriu());

/** A refusal that names what is missing, and leaves nothing. */
function expectRefused(box: Box, result: Result, words: RegExp): void {
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(words);
  expect(box.leftovers()).toEqual([]);
}

/** The configuration for the next restore. */
function configure({ bundle }: { readonly bundle: Bundle }, change: (config: Config) => void): void {
  change(bundle.config);
  bundle.write();
}

describe('the AppArmor profile of a restored container', () => {
  clause(
    'CLI-112 CLI-113 is the one that it had, or the one that --lsm-profile or the configuration names; one that is not there fails, and nothing is left',
    async (box) => {
      const [own, other] = [await loadProfile(box), await loadProfile(box, 'other')];
      const container = await counter(box, (config) => {
        config.process.apparmorProfile = own;
      });
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const { bundle } = container;
      const unknown = ['--lsm-profile', 'apparmor:spec-no-such-profile'];
      expectRefused(box, await attempt(box, bundle, [...flags, ...unknown]), box.kind === 'runts' ? /spec-no-such-profile/ : /./);
      for (const [more, named, profile] of [
        [[], own, own],
        [['--lsm-profile', `apparmor:${other}`], own, other],
        // With runc it runs under the saved one.
        ...(box.kind === 'runts' ? ([[[], other, other]] as const) : []),
      ] as const) {
        configure(container, (config) => {
          config.process.apparmorProfile = named;
        });
        const again = await restored(box, bundle, [...flags, ...more]);
        await goesOn(again, last(container.stdout));
        expect(labelOf(again.pid)).toBe(`${profile} (enforce)`);
        (await again.delete('--force')).ok();
      }
    },
    'CRIU',
    'the executable',
    ...appArmor,
  );

  clause(
    'CLI-112 CFG-038 is not missing in silence: neither one that the images name and nobody has loaded, nor one for what was saved without',
    async (box) => {
      const profile = await loadProfile(box);
      const [confined, plain] = [placesOf(box, 'confined'), placesOf(box, 'plain')];
      const one = await counter(box, (config) => {
        config.process.apparmorProfile = profile;
      });
      (await save(box, one, confined.flags)).ok();
      configure(one, (config) => {
        delete config.process.apparmorProfile;
      });
      await unloadProfile(box);
      expectRefused(box, await attempt(box, one.bundle, confined.flags), new RegExp(`${profile}.* is not loaded`));

      const two = await counter(box);
      (await save(box, two, plain.flags)).ok();
      const asked = await attempt(box, two.bundle, [...plain.flags, '--lsm-profile', `apparmor:${profile}`]);
      expectRefused(box, asked, /images hold no AppArmor profile/);
      configure(two, (config) => {
        config.process.apparmorProfile = profile;
      });
      expectRefused(box, await attempt(box, two.bundle, plain.flags), /images hold no AppArmor profile/);
    },
    // runc's CRIU waits for ever for the first, and the others run without.
    'runts',
    'CRIU',
    'the executable',
    ...appArmor,
  );
});

/** A kernel with SELinux in use, and a policy that knows these types (docs/testing.md). */
const selinux = '/sys/fs/selinux/enforce';
const label = 'system_u:system_r:container_t:s0:c1,c2';
const mountLabel = (categories: string): string => `system_u:object_r:container_file_t:s0:${categories}`;

describe('the SELinux contexts of a restored container', () => {
  clause(
    'CLI-114 LNX-183 its filesystems have those that they had, or those that the configuration or --lsm-mount-context names now',
    async (box) => {
      const [own, next, other] = [mountLabel('c1,c2'), mountLabel('c3,c4'), mountLabel('c5,c6')];
      const container = await counter(box, (config) => {
        set(config, '/linux/mountLabel', own);
        config.mounts.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs' });
      });
      (await container.exec(['sh', '-c', 'echo kept > /scratch/file'])).ok();
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      for (const [more, named, expected] of [
        [[], own, own],
        [[], next, next],
        [['--lsm-mount-context', other], own, other],
      ] as const) {
        configure(container, (config) => set(config, '/linux/mountLabel', named));
        const again = await restored(box, container.bundle, [...flags, ...more]);
        await goesOn(again, last(container.stdout));
        const mounts = (await again.output('cat', '/proc/self/mountinfo')).split('\n').filter((line) => line.includes('context='));
        expect(mounts.length).toBeGreaterThan(1);
        for (const line of mounts) expect(line).toContain(`context="${expected}"`);
        expect(await again.output('cat', '/scratch/file')).toBe('kept');
        (await again.delete('--force')).ok();
      }
    },
    'CRIU',
    'the executable',
    selinux,
  );

  clause(
    'CLI-113 CFG-039 a label that a CRIU without SELinux has not saved is told of, and not missing in silence',
    async (box) => {
      const container = await counter(box, (config) => {
        config.process.selinuxLabel = label;
      });
      const { flags } = placesOf(box);
      const saved = (await save(box, container, flags)).ok();
      expect(saved.stderr).toContain(label);
      expectRefused(box, await attempt(box, container.bundle, flags), /images hold no SELinux label/);
      const asked = await attempt(box, container.bundle, [...flags, '--lsm-profile', `selinux:${label}`]);
      expectRefused(box, asked, /images hold no SELinux label/);
    },
    'runts',
    'CRIU',
    'the executable',
    selinux,
  );
});
