import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';
import { type Self, self } from './harness/probe.ts';

/** What a process finds that exec starts with these properties of its own. */
async function execSelf(box: Box, properties: Record<string, unknown>, change: (config: Config) => void = () => {}): Promise<Self> {
  const bundle = box.bundle(change);
  const container = await box.started(bundle);
  const file = join(box.directory, 'process.json');
  const { scheduler: _scheduler, ioPriority: _ioPriority, rlimits: _rlimits, ...process } = bundle.config.process;
  writeFileSync(file, JSON.stringify({ ...process, args: ['probe', 'self'], ...properties }));
  return (await box.runtime(['exec', '--process', file, container.id])).ok().json<Self>();
}

describe('scheduling and limits of exec’d processes', () => {
  clause(
    'CFG-051 CFG-052 the scheduler of the process file',
    async (box) => {
      const seen = await execSelf(box, { scheduler: { policy: 'SCHED_BATCH', nice: 7 } });
      expect(seen.scheduler).toMatchObject({ policy: 3, nice: 7 });
    },
    'probe',
    'runts',
  );

  clause(
    'CFG-051 without a process file the scheduler of the container holds',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.scheduler = { policy: 'SCHED_IDLE' };
        }),
      );
      expect((await container.exec(['probe', 'self'])).ok().json()).toMatchObject({ scheduler: { policy: 5 } });
    },
    'probe',
    'runts',
  );

  clause(
    'CFG-058 CFG-059 CFG-060 the I/O priority of the process file, for its whole process group',
    async (box) => {
      const seen = await execSelf(box, { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 7 } });
      expect(seen.ioPriority).toEqual({ class: 2, level: 7 });
      const child = await execSelf(box, {
        ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 0 },
        args: ['sh', '-c', 'probe self; true'],
      });
      expect(child.ioPriority.class).toBe(3);
    },
    'probe',
    'runts',
  );

  clause(
    'CFG-034 CFG-067 limits and umask of the process file',
    async (box) => {
      const seen = await execSelf(box, {
        rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 4096 }],
        user: { uid: 0, gid: 0, umask: 0o77 },
      });
      expect(seen.rlimits).toMatchObject({ RLIMIT_CORE: ['0', '4096'] });
      expect(seen.umask).toBe(0o77);
    },
    'probe',
    'runts',
  );

  clause(
    'LNX-184 the personality of the container holds for exec',
    async (box) => {
      const seen = await execSelf(box, {}, (config) => {
        config.linux.personality = { domain: 'LINUX32' };
      });
      expect(seen.personality & 0xff).toBe(8);
    },
    'probe',
    'runts',
  );

  clause(
    'LNX-142 the memory policy of the container holds for exec',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => set(config, '/linux/memoryPolicy', { mode: 'MPOL_PREFERRED', nodes: '0' })),
      );
      expect(await container.output('sed', '-n', '1s/^[^ ]* //; 1s/ .*//p', '/proc/self/numa_maps')).toBe('prefer:0');
    },
    'runts',
    '/proc/self/numa_maps',
    '/sys/devices/system/node/node0',
  );
});

describe('deadline scheduling', () => {
  clause(
    'CFG-055 CFG-056 CFG-057 runtime, deadline and period in nanoseconds',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 10_000_000, deadline: 30_000_000, period: 40_000_000 };
        config.linux.cgroupsPath = '';
      });
      expect(seen.scheduler).toMatchObject({ policy: 6, runtime: 10_000_000, deadline: 30_000_000, period: 40_000_000 });
    },
    'probe',
    'a user in the root cgroup',
    'runts',
  );

  clause(
    'CFG-056 a deadline before the runtime is an error that leaves nothing',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 30_000_000, deadline: 10_000_000, period: 40_000_000 };
      });
      expect((await box.tryCreate(bundle)).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
