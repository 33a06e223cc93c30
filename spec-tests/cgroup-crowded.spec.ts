import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace, type Resources } from './harness/config.ts';
import { alive, type Container, cgroupDirectory } from './harness/container.ts';

const needs = ['runts', 'cgroup v2'] as const;

/** A container below a cgroup that has a process of its own, as that of a runtime in a container has. */
async function crowded(box: Box, resources: Resources, body: (container: Container, above: string) => Promise<void>): Promise<void> {
  const bundle = box.bundle((config) => {
    dropNamespace(config, 'pid');
    config.linux.resources = resources;
    config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!; wait'];
  });
  const above = cgroupDirectory('', `/${bundle.id}-above`);
  bundle.config.linux.cgroupsPath = `/${bundle.id}-above/${bundle.id}`;
  bundle.write();
  mkdirSync(above);
  const { pid } = box.background(['sleep', '1000']);
  try {
    writeFileSync(join(above, 'cgroup.procs'), String(pid));
    await body(await box.started(bundle), above);
  } finally {
    process.kill(pid, 'SIGKILL');
    await box.runtime(['delete', '--force', bundle.id]);
    await until('the cgroup is empty', () => readFileSync(join(above, 'cgroup.events'), 'utf8').includes('populated 0'));
    rmdirSync(above);
  }
}

const type = (directory: string): string => readFileSync(join(directory, 'cgroup.type'), 'utf8').trim();

describe('below a cgroup with processes of its own', () => {
  clause(
    'LNX-064 without limits no controller is enabled, and the container has a cgroup like any other',
    (box) =>
      crowded(box, {}, async (container, above) => {
        expect([type(above), type(container.cgroup(''))]).toEqual(['domain', 'domain']);
        expect(readFileSync(join(above, 'cgroup.subtree_control'), 'utf8')).toBe('');
        expect((await container.exec(['true'])).status).toBe(0);
        (await container.delete('--force')).ok();
      }),
    ...needs,
  );

  clause(
    'LNX-064 LNX-112 with limits that threads can have the cgroup is threaded; exec, ps, pause and delete work',
    (box) =>
      crowded(box, { pids: { limit: 20 } }, async (container, above) => {
        expect([type(above), type(container.cgroup(''))]).toEqual(['domain threaded', 'threaded']);
        expect(readFileSync(join(above, 'cgroup.subtree_control'), 'utf8')).toBe('pids\n');
        expect(container.control('', 'pids.max')).toBe('20');
        const child = Number((await container.prints(/child (\d+)/)).split(' ')[1]);
        expect((await container.output('cat', '/proc/self/cgroup')).endsWith(`/${container.id}`)).toBe(true);
        expect((await box.runtime(['ps', '--format', 'json', container.id])).ok().json()).toEqual(
          [container.pid, child].sort((a, b) => a - b),
        );
        for (const verb of ['pause', 'resume', 'pause']) (await box.runtime([verb, container.id])).ok();
        (await container.delete('--force')).ok();
        expect(alive(child)).toBe(false);
        expect(existsSync(container.cgroup(''))).toBe(false);
      }),
    ...needs,
  );

  clause(
    'LNX-064 LNX-082 a limit that only processes can have is an error that names the cgroup, its type and the cure',
    async (box) => {
      const failed = crowded(box, { memory: { limit: 100 << 20 } }, async () => undefined);
      await expect(failed).rejects.toThrow(/unable to set memory\.max to 104857600: .*no such file or directory/);
      await expect(failed).rejects.toThrow(
        /the cgroup \/\S+-above \(domain\) has processes of its own, so that it cannot hand "memory" on: move them/,
      );
    },
    ...needs,
  );
});
