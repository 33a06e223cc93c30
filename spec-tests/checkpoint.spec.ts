import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { counter, goesOn, last, placesOf, restored, withCriu } from './harness/criu.ts';
import { mountLines } from './harness/mount-table.ts';

/** Where mounts are and with which options, in the order in which they lie over another. */
const mountsOf = (pid: number): string[] =>
  mountLines(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
    .map(({ point, options }) => `${point} ${options.join(',')}`)
    .sort();

describe('checkpoint and restore', () => {
  clause(
    'CLI-094 CLI-095 CLI-096 CLI-112 a counter is saved, its container is gone, and it counts on where it is restored',
    async (box) => {
      const container = await counter(box);
      const { images, work, flags } = placesOf(box);
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      expect(readdirSync(images)).toEqual(expect.arrayContaining(['inventory.img', 'descriptors.json']));
      expect(existsSync(join(work, 'dump.log'))).toBe(true);
      expect((await box.runtime(['state', container.id])).stderr).toContain('container does not exist');
      const before = last(container.stdout);
      const again = await restored(box, container.bundle, flags);
      await goesOn(again, before);
      expect(Number(again.stdout.split('\n')[0])).toBe(before + 1);
      expect(await again.status()).toBe('running');
      expect(await again.output('cat', '/proc/1/comm')).toBe('sh');
      (await again.kill('KILL')).ok();
      await again.reaches('stopped');
      (await again.delete()).ok();
    },
    'CRIU',
  );

  clause(
    'CLI-112 the mounts of a restored container are those that it had, with their protections',
    async (box) => {
      const container = await counter(box, (config) => {
        config.root.readonly = true;
      });
      const before = mountsOf(container.pid);
      const { flags } = placesOf(box);
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      const again = await restored(box, container.bundle, flags);
      expect(mountsOf(again.pid)).toEqual(before);
    },
    'CRIU',
  );
});
