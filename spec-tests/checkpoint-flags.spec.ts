import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { receiver } from './harness/console.ts';
import { counter, counting, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';

describe('flags of checkpoint and restore', () => {
  clause(
    'CLI-103 CLI-112 a terminal: its other end is handed out anew',
    async (box) => {
      const first = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = [...counting];
      });
      const container = await box.started(bundle, { options: ['--console-socket', first.socket] });
      await first.shows(/^3\r?$/m);
      const { flags } = placesOf(box);
      (await save(box, container, [...flags, '--shell-job'])).ok();
      const second = await receiver(box);
      const again = await restored(box, bundle, [...flags, '--shell-job', '--console-socket', second.socket]);
      await second.received();
      await second.shows(/^\d+\r?$/m);
      expect(await again.output('cat', '/proc/1/comm')).toBe('sh');
      expect(again.namespace('pid')).not.toBe('');
    },
    'CRIU',
    'the executable',
    'probe',
  );

  clause(
    'CLI-107 locks of files, with the flag alone',
    async (box) => {
      const container = await counter(box, (config) => {
        config.process.args = ['sh', '-c', `exec 9>/data/lock; flock -x 9; ${counting[2]}`];
      });
      const { flags } = placesOf(box);
      (await save(box, container, [...flags, '--file-locks'])).ok();
      await goesOn(await restored(box, container.bundle, [...flags, '--file-locks']), last(container.stdout));
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-115 the configuration of CRIU that an annotation names outweighs the flags; an empty name keeps all others out',
    async (box) => {
      const file = join(box.directory, 'criu.conf');
      writeFileSync(file, 'log-file other.log\n');
      const container = await counter(box, (config) => {
        config.annotations = { 'org.criu.config': file };
      });
      const { work, flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      expect(existsSync(join(work, 'other.log'))).toBe(true);
      expect(existsSync(join(work, 'dump.log'))).toBe(false);
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-115 FEAT-013 that annotation is refused unless the caller allows it by name: a configuration of CRIU has programs run on the host',
    async (box) => {
      const file = join(box.directory, 'criu.conf');
      const container = await counter(box, (config) => {
        config.annotations = { 'org.criu.config': file };
      });
      const { images, flags } = placesOf(box);
      const result = await box.runtime(['checkpoint', ...flags, container.id], { env: withCriu().env });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('--allow-annotation org.criu.config');
      expect(existsSync(images)).toBe(false);
      await goesOn(container, last(container.stdout));
      const restoring = ['restore', '--bundle', container.bundle.directory, ...flags, `${container.id}-2`];
      (await save(box, container, [...flags, '--leave-running'])).ok();
      expect((await box.runtime(restoring, { env: withCriu().env })).stderr).toContain('--allow-annotation org.criu.config');
    },
    'CRIU',
    'the executable',
    'runts',
  );

  clause(
    'CLI-109 modes of cgroups leave the restored container in its own; the strict one wants to make it itself',
    async (box) => {
      for (const mode of ['soft', 'full', 'ignore']) {
        const container = await counter(box);
        const { flags } = placesOf(box, mode);
        (await save(box, container, [...flags, '--manage-cgroups-mode', mode])).ok();
        const again = await restored(box, container.bundle, [...flags, '--manage-cgroups-mode', mode]);
        await goesOn(again, last(container.stdout));
        expect(readFileSync(`/proc/${again.pid}/cgroup`, 'utf8')).toContain(`:${again.bundle.config.linux.cgroupsPath}\n`);
        (await again.delete('--force')).ok();
      }
      const container = await counter(box);
      const { flags } = placesOf(box, 'strict');
      (await save(box, container, [...flags, '--manage-cgroups-mode', 'strict'])).ok();
      const words = [
        'restore',
        '--detach',
        '--bundle',
        container.bundle.directory,
        ...flags,
        '--manage-cgroups-mode',
        'strict',
        container.id,
      ];
      expect((await box.runtime(words, withCriu())).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'the executable',
  );
});
