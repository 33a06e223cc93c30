import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Result, until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive, type Container } from './harness/container.ts';
import { cgroupMounts } from './harness/suite.ts';

/** A process of nobody's in a cgroup, until the box is closed. */
function stranger(box: Box, directory: string): number {
  const { pid } = box.background(['sleep', '1000']);
  writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  return pid;
}

/** Removes the cgroup of a bundle in every hierarchy, as soon as its last process has left it. */
async function removeCgroups(bundle: Bundle): Promise<void> {
  for (const mount of cgroupMounts()) {
    const path = join(mount, bundle.config.linux.cgroupsPath ?? '');
    await until(`${path} is unused`, () => {
      if (existsSync(path)) rmdirSync(path);
      return true;
    });
  }
}

const under = (box: Box, root: 'the same root' | 'another root'): string[] =>
  root === 'the same root' ? [] : ['--root', join(box.directory, 'other')];

const deleteLoudly = (box: Box, { id }: Container): Promise<Result> =>
  box.runtime(['delete', '--force', id], { global: ['--log-level', 'warning'] });

/** A stopped container, and one that runs in the cgroup of the first. */
async function pair(box: Box, sharedPids: boolean, root: 'the same root' | 'another root'): Promise<{ old: Container; young: Container }> {
  const old = await box.started(
    box.bundle((config) => {
      config.process.args = ['true'];
      if (sharedPids) dropNamespace(config, 'pid');
    }),
  );
  await old.reaches('stopped');
  const bundle = box.bundle((config) => {
    config.linux.cgroupsPath = old.bundle.config.linux.cgroupsPath ?? '';
    if (sharedPids) dropNamespace(config, 'pid');
  });
  const young = await box.create(bundle, { global: under(box, root) });
  (await box.runtime(['start', young.id], { global: under(box, root) })).ok();
  return { old, young };
}

describe('a cgroup that is used already', () => {
  clause(
    'LNX-058 create into a cgroup with a process is refused with runc’s words',
    async (box) => {
      const first = await box.started(box.bundle());
      const second = box.bundle((config) => {
        config.linux.cgroupsPath = first.bundle.config.linux.cgroupsPath ?? '';
      });
      const result = await box.tryCreate(second);
      expect(result.status).toBe(1);
      expect(result.stderr).toContain("container's cgroup is not empty: 1 process(es) found");
      expect(await first.status()).toBe('running');
      expect((await first.exec(['true'])).status).toBe(0);
    },
    'not crun',
  );

  clause(
    'LNX-058 create into a cgroup with a process in one below it is refused',
    async (box) => {
      const bundle = box.bundle();
      const below = cgroupMounts().map((mount) => join(mount, bundle.id, 'below'));
      try {
        for (const directory of below) mkdirSync(directory, { recursive: true });
        // Without cpus and memory nodes a cpuset takes no process.
        const pid = stranger(box, below.find((directory) => /devices|^\/sys\/fs\/cgroup\/runts/.test(directory)) ?? (below[0] as string));
        expect((await box.tryCreate(bundle)).stderr).toContain("container's cgroup is not empty: 1 process(es) found");
        expect(alive(pid)).toBe(true);
        process.kill(pid, 'SIGKILL');
      } finally {
        for (const directory of below) await until('it is empty', () => readFileSync(join(directory, 'cgroup.procs'), 'utf8') === '');
        for (const directory of below) rmdirSync(directory);
        await removeCgroups(bundle);
      }
    },
    'not crun',
  );

  for (const sharedPids of [false, true]) {
    for (const root of ['the same root', 'another root'] as const) {
      const kind = sharedPids ? 'without pid namespaces' : 'with pid namespaces';
      clause(
        `RT-060 delete and kill of a stopped container reach nothing of the one that uses its cgroup now, ${kind}, under ${root}`,
        async (box) => {
          const { old, young } = await pair(box, sharedPids, root);
          await box.runtime(['kill', '--all', old.id, 'KILL']);
          expect(alive(young.pid)).toBe(true);
          const deleted = await deleteLoudly(box, old);
          expect(deleted.status, deleted.stderr).toBe(0);
          // The younger one may still be on its way into its program.
          expect(deleted.stderr).toMatch(/the cgroup \/\S+ stays, as others use it: \d+ \([^)]+\)/);
          expect(alive(young.pid)).toBe(true);
          // Left to the younger one, it goes with it.
          (await box.runtime(['delete', '--force', young.id], { global: under(box, root) })).ok();
          expect(box.leftovers()).toEqual([]);
        },
        'runts',
      );
    }
  }

  for (const [controller, ...needs] of [['pids'], ['memory', 'cgroup v1']] as const) {
    clause(
      `RT-060 delete --force ends the container, and leaves a cgroup with a process of nobody’s (${controller})`,
      async (box) => {
        const container = await box.started(box.bundle());
        const pid = stranger(box, container.cgroup(controller));
        try {
          const deleted = await deleteLoudly(box, container);
          expect(deleted.status, deleted.stderr).toBe(0);
          expect(deleted.stderr).toContain(`stays, as others use it: ${pid} (sleep, sleeping)`);
          expect([alive(container.pid), alive(pid)]).toEqual([false, true]);
          expect((await box.runtime(['state', container.id])).status).toBe(1);
        } finally {
          process.kill(pid, 'SIGKILL');
          await until('it has gone', () => readFileSync(join(container.cgroup(controller), 'cgroup.procs'), 'utf8') === '');
          await removeCgroups(container.bundle);
        }
      },
      'runts',
      ...needs,
    );
  }
});
