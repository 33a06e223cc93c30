import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { setNamespace } from './harness/config.ts';
import { counter, goesOn, last, placesOf, restored, withCriu } from './harness/criu.ts';

/** Paths of a new network and a new pid namespace, where somebody else is the first process. */
async function namespacesOf(box: Box): Promise<{ readonly network: string; readonly pid: string }> {
  const holder = box.background(['unshare', '--net', '--pid', '--fork', '--kill-child', 'sleep', '1000']);
  const [network, pid] = [`/proc/${holder.pid}/ns/net`, `/proc/${holder.pid}/ns/pid_for_children`];
  const own = (await box.host(['readlink', '/proc/self/ns/pid'])).stdout;
  await until('a pid namespace', async () => ![own, ''].includes((await box.host(['readlink', pid])).stdout));
  return { network, pid };
}

describe('paths of checkpoints', () => {
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

  clause(
    'CLI-110 CLI-112 a network and a pid namespace that it joins, both, other ones where it is restored',
    async (box) => {
      const first = await namespacesOf(box);
      const container = await counter(box, (config) => {
        for (const type of ['network', 'pid'] as const) setNamespace(config, type, first[type]);
      });
      const { flags } = placesOf(box);
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      const second = await namespacesOf(box);
      for (const type of ['network', 'pid'] as const) setNamespace(container.bundle.config, type, second[type]);
      const before = last(container.stdout);
      const again = await restored(box, container.bundle.write(), flags);
      await goesOn(again, before);
      expect(again.namespace('net')).toBe((await box.host(['readlink', second.network])).stdout.trim());
      expect(again.namespace('pid')).toBe((await box.host(['readlink', second.pid])).stdout.trim());
    },
    'CRIU',
  );
});
