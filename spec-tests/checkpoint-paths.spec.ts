import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { counter, goesOn, last, placesOf, restored, withCriu } from './harness/criu.ts';

describe('paths that checkpoint and restore are given', () => {
  clause(
    'CLI-095 CLI-096 CLI-112 the directories may be symbolic links, as that of the logs is in a bundle of containerd',
    async (box) => {
      const container = await counter(box);
      const { images, work, flags } = placesOf(box);
      for (const path of [images, work]) {
        mkdirSync(`${path}.there`, { recursive: true });
        symlinkSync(`${path}.there`, path);
      }
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      const before = last(container.stdout);
      await goesOn(await restored(box, container.bundle, flags), before);
      expect(readdirSync(`${work}.there`)).toEqual(expect.arrayContaining(['dump.log', 'restore.log']));
    },
    'CRIU',
  );
});
