import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { Hold } from './harness/hold.ts';
import type { CallOptions } from './harness/runtime-call.ts';
import { cgroupMode, projectRoot } from './harness/suite.ts';

/** A wall clock that leaps (clock.c). A static runtime does not load it; its TypeScript is the same. */
function leaping(box: Box): CallOptions {
  const library = join(box.directory, 'clock.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, join(projectRoot, 'spec-tests/probe/clock.c')]);
  return { env: { LD_PRELOAD: library } };
}

/** System call in which a process sleeps. */
const sleepsIn = (pid: number, call: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith(`${call} `);
  } catch {
    return false;
  }
};

describe('waits are measured by the monotonic clock, whoever sets the other one', () => {
  clause(
    'CLI-068 events: an interval of an hour is no line in a second',
    async (box) => {
      const container = await box.started(box.bundle());
      const watcher = box.launch(['events', '--interval', '1h', container.id], leaping(box));
      const [poll, ppoll] = [7, 271];
      await until('events waits', () => sleepsIn(watcher.pid, poll) || sleepsIn(watcher.pid, ppoll));
      (await container.kill('KILL')).ok();
      expect((await watcher.exited).status).toBe(0);
      expect(watcher.output()).toBe('');
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-066 pause: a process that cannot be stopped at once has its ten seconds',
    async (box) => {
      const hold = await Hold.mounted(box);
      let release = () => hold.release();
      try {
        const bundle = box.bundle((config) => {
          config.mounts.push({ destination: '/hold', source: hold.directory, options: ['bind'] });
          config.process.args = ['sh', '-c', 'cat /hold/held; sleep 1000'];
        });
        const container = await box.started(bundle);
        await hold.holds();
        const pause = box.launch(['pause', container.id], leaping(box));
        const [file, begun] = cgroupMode === 'v1' ? ['freezer.state', /^FREEZING/] : ['cgroup.freeze', /^1/];
        await until('it is being frozen', () => begun.test(container.control('freezer', file)));
        await release();
        release = () => Promise.resolve();
        expect(await pause.exited).toMatchObject({ status: 0 });
        expect(await container.status()).toBe('paused');
      } finally {
        await release();
      }
    },
    'probe',
    '/dev/fuse',
    'runts',
  );

  clause(
    'CLI-029 delete --force: processes have the time to go away',
    async (box) => {
      const bundle = box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; mkdir -p /tmp/ready; wait'];
      });
      const container = await box.started(bundle);
      await until('its processes run', () => container.control(cgroupMode === 'v1' ? 'pids' : '', 'cgroup.procs').split('\n').length >= 9);
      const result = await box.runtime(['delete', '--force', container.id], leaping(box));
      expect(result.stderr).toBe('');
      expect(result.status).toBe(0);
      expect(box.leftovers()).toEqual([]);
    },
    'probe',
    'runts',
  );
});
