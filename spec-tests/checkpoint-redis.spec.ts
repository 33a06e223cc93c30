import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { last, placesOf, restored, save } from './harness/criu.ts';
import { client, serveRedis } from './harness/redis.ts';

describe('a database under writes', () => {
  clause(
    'CLI-098 CLI-099 CLI-112 saved while it is left running, its copy elsewhere has every write that was acknowledged before, and no half of one',
    async (box) => {
      const container = await box.started(box.bundle(serveRedis));
      const load = box.background(client(container.pid, 'write'));
      const acknowledged = (): number => last(load.output() || '0');
      await until('there is load', () => acknowledged() > 200);
      const { flags } = placesOf(box);
      const before = acknowledged();
      (await save(box, container, [...flags, '--leave-running', '--tcp-established'])).ok();
      const after = acknowledged();
      // The client's connection has outlived it.
      await until('the load goes on', () => acknowledged() > after + 100);

      const copy = await restored(box, box.bundle(serveRedis), [...flags, '--tcp-close']);
      const [counter, mirror] = (await box.host(client(copy.pid, 'read'))).ok().stdout.split(' ').map(Number);
      expect(mirror).toBe(counter);
      expect(counter).toBeGreaterThanOrEqual(before);
      // One may have been under way.
      expect(counter).toBeLessThanOrEqual(after + 1);
      const more = box.background(client(copy.pid, 'write'));
      await until('the copy counts on by itself', () => last(more.output() || '0') > 0);
      expect(Number(more.output().split('\n')[0])).toBe((counter ?? 0) + 1);
    },
    'CRIU',
    'CRIU that restores connections',
    'redis',
    '/usr/bin/nsenter',
    'the executable',
    'runts',
  );
});
