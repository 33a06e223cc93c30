import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { dropNamespace } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { Hold } from './harness/hold.ts';

const needs = ['/dev/fuse', 'runts'] as const;

/** A container that sees a filesystem in which processes can be held, for as long as `body` runs. */
async function held(
  box: Box,
  args: readonly string[],
  body: (container: Container, hold: Hold) => Promise<void>,
  sharedPids = false,
): Promise<void> {
  const hold = await Hold.mounted(box);
  try {
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: '/hold', source: hold.directory, options: ['bind'] });
      config.process.args = [...args];
      if (sharedPids) dropNamespace(config, 'pid');
    });
    await body(await box.started(bundle), hold);
  } finally {
    await hold.release();
  }
}

describe('processes that outlive SIGKILL', () => {
  clause(
    'RT-059 delete names the processes that keep the cgroup, and can be repeated',
    async (box) => {
      let container: Container | undefined;
      await held(
        box,
        ['sh', '-c', 'cat /hold/held & echo child $!; exec sleep 1000'],
        async (started, hold) => {
          container = started;
          const child = (await started.prints(/child (\d+)/)).split(' ')[1];
          await hold.holds();
          (await started.kill('KILL')).ok();
          await started.reaches('stopped');
          const result = await started.delete();
          expect(result.status).toBe(1);
          expect(result.stderr).toMatch(/unable to remove cgroup \/.*: still in it: /);
          expect(result.stderr).toContain(`${child} (cat, in uninterruptible sleep)`);
          expect(await started.status()).toBe('stopped');
        },
        true,
      );
      (await (container as Container).delete()).ok();
      expect(box.leftovers()).toEqual([]);
    },
    ...needs,
  );

  clause(
    'RT-059 delete waits as long for a process that is in one hierarchy of the cgroup alone',
    async (box) => {
      await held(
        box,
        ['sh', '-c', 'cat /hold/held & echo child $!; exec sleep 1000'],
        async (container, hold) => {
          const child = (await container.prints(/child (\d+)/)).split(' ')[1] as string;
          await hold.holds();
          writeFileSync(join(dirname(container.cgroup('pids')), 'cgroup.procs'), child);
          (await container.kill('KILL')).ok();
          await container.reaches('stopped');
          // Longer than what others keep is waited for, and far shorter than the wait for the container's own.
          const [deleted] = await Promise.all([container.delete(), setTimeout(3000).then(() => hold.release())]);
          deleted.ok();
        },
        true,
      );
    },
    ...needs,
    'cgroup v1',
  );

  clause(
    'CLI-029 delete --force of a container whose init stays ends in time and leaves the container',
    async (box) => {
      let container: Container | undefined;
      await held(box, ['cat', '/hold/held'], async (started, hold) => {
        container = started;
        await hold.holds();
        const result = await started.delete('--force');
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`container init still running: pid ${started.pid} did not go away`);
        expect(await started.status()).toBe('running');
      });
      (await (container as Container).delete('--force')).ok();
      expect(box.leftovers()).toEqual([]);
    },
    ...needs,
  );

  clause(
    'CLI-060 exec that fails while its process stays ends in time, with the failure and a word about the process',
    async (box) => {
      await held(box, ['sleep', '1000'], async (container, hold) => {
        // Whether this directory is there is answered once the process is held.
        const pidFile = join(hold.directory, 'absent', 'pid');
        const result = await container.exec(['cat', '/hold/held'], ['--pid-file', pidFile], { global: ['--log-level', 'warning'] });
        expect(result.status).toBe(255);
        expect(result.stderr).toContain(`unable to write the pid file ${pidFile}`);
        expect(result.stderr).toMatch(/process still running: pid \d+ did not go away/);
      });
    },
    ...needs,
  );
});
