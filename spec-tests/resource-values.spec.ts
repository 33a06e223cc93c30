import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { addCapabilities, type Config, set } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { self } from './harness/probe.ts';
import { cgroupMode } from './harness/suite.ts';

const v1 = cgroupMode === 'v1';

const limited = (box: Box, resources: unknown): Promise<Container> =>
  box.create(box.bundle((config) => set(config, '/linux/resources', resources)));

async function refused(box: Box, change: (config: Config) => void): Promise<void> {
  const result = await box.tryCreate(box.bundle(change));
  expect(result.status).toBe(1);
  expect(box.leftovers()).toEqual([]);
}

describe('resources of cgroup v1 alone', () => {
  clause(
    'LNX-087 LNX-088 LNX-089 swappiness, the OOM killer and the hierarchy',
    async (box) => {
      const container = await limited(box, {
        memory: { limit: 67_108_864, swappiness: 10, disableOOMKiller: true, useHierarchy: true },
      });
      expect(container.control('memory', 'memory.swappiness')).toBe('10');
      expect(container.control('memory', 'memory.oom_control')).toMatch(/^oom_kill_disable 1$/m);
      expect(container.control('memory', 'memory.use_hierarchy')).toBe('1');
    },
    'cgroup v1',
    '/sys/fs/cgroup/memory/memory.use_hierarchy',
  );

  clause(
    'LNX-096 LNX-097 realtime runtime and period',
    async (box) => {
      const container = await limited(box, { cpu: { realtimeRuntime: 2_000, realtimePeriod: 500_000 } });
      expect(container.control('cpu', 'cpu.rt_runtime_us')).toBe('2000');
      expect(container.control('cpu', 'cpu.rt_period_us')).toBe('500000');
    },
    'cgroup v1',
    '/sys/fs/cgroup/cpu/cpu.rt_runtime_us',
  );

  const unconvertible: Readonly<Record<string, unknown>> = {
    swappiness: { memory: { swappiness: 10 } },
    'a disabled OOM killer': { memory: { disableOOMKiller: true } },
    'a network class': { network: { classID: 1 } },
    'network priorities': { network: { priorities: [{ name: 'lo', priority: 1 }] } },
    'a realtime runtime': { cpu: { realtimeRuntime: 1000 } },
    'a leaf weight': { blockIO: { leafWeight: 100 } },
  };
  for (const [what, resources] of Object.entries(unconvertible)) {
    clause(
      `LNX-122 ${what} is refused on cgroup v2`,
      (box) => refused(box, (config) => set(config, '/linux/resources', resources)),
      'cgroup v2',
      'runts',
    );
  }
});

describe('values of resources', () => {
  clause(
    'LNX-094 a burst up to the quota',
    async (box) => {
      const container = await limited(box, { cpu: { quota: 50_000, period: 100_000, burst: 50_000 } });
      expect(container.control('cpu', v1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst')).toBe('50000');
    },
    v1 ? '/sys/fs/cgroup/cpu/cpu.cfs_burst_us' : 'Linux 5.14',
    'not runc',
    'not crun',
  );

  clause(
    'LNX-094 a burst above the quota is refused',
    (box) => refused(box, (config) => set(config, '/linux/resources/cpu', { quota: 10_000, burst: 20_000 })),
    'runts',
  );

  for (const [what, resources] of Object.entries({
    'LNX-108 a huge page size in lower case': { hugepageLimits: [{ pageSize: '2mb', limit: 1 }] },
    'LNX-116 an RDMA device without limits': { rdma: { mlx5_0: {} } },
  })) {
    clause(`${what} is refused`, (box) => refused(box, (config) => set(config, '/linux/resources', resources)), 'runts');
  }

  clause(
    'CFG-054 the flag RESET_ON_FORK reaches the program',
    async (box) => {
      const seen = await self(box, (config) => {
        addCapabilities(config, 'CAP_SYS_NICE');
        config.process.scheduler = { policy: 'SCHED_BATCH', nice: 3, flags: ['SCHED_FLAG_RESET_ON_FORK'] };
      });
      expect(seen.scheduler).toMatchObject({ policy: 3, nice: 3, flags: 1 });
    },
    'probe',
    'runts',
  );
});
