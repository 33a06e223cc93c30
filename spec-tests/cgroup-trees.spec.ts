import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive, type Container } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const nest = (box: Box, action: 'make' | 'put' | 'get' | 'remove', directory: string, ...words: string[]) =>
  box.host(['/usr/bin/python3', join(import.meta.dirname, 'harness/nest.py'), action, directory, ...words]);

/** A container without a pid namespace of its own, with a process in cgroups that it has nested deeper than a path can name. */
async function nested(box: Box, body: (container: Container, child: number) => Promise<void>): Promise<void> {
  const container = await box.started(
    box.bundle((config) => {
      dropNamespace(config, 'pid');
      config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!; wait'];
    }),
  );
  const child = Number((await container.prints(/child (\d+)/)).split(' ')[1]);
  const directories = cgroupMode === 'v1' ? ['pids', 'freezer', 'memory'].map((name) => container.cgroup(name)) : [container.cgroup('')];
  try {
    for (const directory of directories) {
      (await nest(box, 'make', directory)).ok();
      (await nest(box, 'put', directory, 'cgroup.procs', String(child))).ok();
    }
    await body(container, child);
  } finally {
    if (alive(child)) process.kill(child, 'SIGKILL');
    for (const directory of directories) {
      await until('nothing is nested', async () => (await nest(box, 'remove', directory)).status === 0);
    }
  }
}

describe('cgroups nested deeper than any path, one of them with a name that is not UTF-8', () => {
  clause(
    'CLI-030 CLI-029 delete --force ends what is in them, also when it is paused, and removes them',
    (box) =>
      nested(box, async (container, child) => {
        (await box.runtime(['pause', container.id])).ok();
        (await container.delete('--force')).ok();
        expect(alive(child)).toBe(false);
        expect(box.leftovers()).toEqual([]);
      }),
    'runts',
    '/usr/bin/python3',
  );

  clause(
    'CLI-064 CLI-027 ps lists and kill ends what is in them, and resume thaws it',
    (box) =>
      nested(box, async (container, child) => {
        const pids = (await box.runtime(['ps', '--format', 'json', container.id])).ok().json<number[]>();
        expect(pids).toContain(child);
        const [file, frozen, thawed] =
          cgroupMode === 'v1' ? (['freezer.state', 'FROZEN', 'THAWED'] as const) : (['cgroup.freeze', '1', '0'] as const);
        (await nest(box, 'put', container.cgroup('freezer'), file, frozen)).ok();
        for (const verb of ['pause', 'resume']) (await box.runtime([verb, container.id])).ok();
        expect((await nest(box, 'get', container.cgroup('freezer'), file)).ok().stdout.trim()).toBe(thawed);
        (await container.kill('KILL')).ok();
        await until('the child has gone', () => !alive(child));
      }),
    'runts',
    '/usr/bin/python3',
  );
});
