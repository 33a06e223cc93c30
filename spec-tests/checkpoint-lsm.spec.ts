import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { appArmor, loadProfile } from './harness/apparmor.ts';
import { clause } from './harness/clause.ts';
import { counter, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';

const profileOf = (pid: number): string => readFileSync(`/proc/${pid}/attr/current`, 'utf8').trim();

describe('the AppArmor profile of a restored container', () => {
  clause(
    'CLI-112 CLI-113 is the one that it had, or the one that --lsm-profile names; one that is not there fails, and nothing is left',
    async (box) => {
      const [own, other] = [await loadProfile(box), await loadProfile(box, 'other')];
      const container = await counter(box, (config) => {
        config.process.apparmorProfile = own;
      });
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const { bundle } = container;
      const unknown = ['--lsm-profile', 'apparmor:spec-no-such-profile'];
      const refused = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, ...unknown, bundle.id], withCriu());
      expect(refused.status).toBe(1);
      if (box.kind === 'runts') expect(refused.stderr).toContain('spec-no-such-profile');
      expect(box.leftovers()).toEqual([]);
      for (const [more, profile] of [
        [[], own],
        [['--lsm-profile', `apparmor:${other}`], other],
      ] as const) {
        const again = await restored(box, bundle, [...flags, ...more]);
        await goesOn(again, last(container.stdout));
        expect(profileOf(again.pid)).toBe(`${profile} (enforce)`);
        (await again.delete('--force')).ok();
      }
    },
    'CRIU',
    'the executable',
    ...appArmor,
  );
});
