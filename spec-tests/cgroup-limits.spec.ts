import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Resources } from './harness/config.ts';
import { type Container, cgroupDirectory } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const megabyte = 1 << 20;
const v2 = cgroupMode === 'unified';

function limited(box: Box, resources: Resources, args = ['sleep', '1000']): Promise<Container> {
  return box.create(
    box.bundle((config) => {
      config.linux.resources = resources;
      config.process.args = args;
    }),
  );
}

async function refused(box: Box, resources: unknown): Promise<void> {
  const result = await box.tryCreate(
    box.bundle((config) => {
      config.linux.resources = resources as Resources;
    }),
  );
  expect(result.status).toBe(1);
  expect(box.leftovers()).toEqual([]);
}

describe('memory', () => {
  clause('LNX-082 the limit', async (box) => {
    const container = await limited(box, { memory: { limit: 64 * megabyte } });
    expect(container.control('memory', v2 ? 'memory.max' : 'memory.limit_in_bytes')).toBe(String(64 * megabyte));
  });

  clause('LNX-083 the reservation', async (box) => {
    const container = await limited(box, { memory: { limit: 64 * megabyte, reservation: 32 * megabyte } });
    expect(container.control('memory', v2 ? 'memory.low' : 'memory.soft_limit_in_bytes')).toBe(String(32 * megabyte));
  });

  clause(
    'LNX-084 swap counts memory and swap',
    async (box) => {
      const container = await limited(box, { memory: { limit: 64 * megabyte, swap: 96 * megabyte } });
      expect(container.control('memory', 'memory.swap.max')).toBe(String(32 * megabyte));
    },
    'cgroup v2',
    '/proc/swaps',
  );

  clause('LNX-081 -1 is no limit', async (box) => {
    const container = await limited(box, { memory: { limit: -1 } });
    const value = container.control('memory', v2 ? 'memory.max' : 'memory.limit_in_bytes');
    expect(value === 'max' || Number(value) > 2 ** 60).toBe(true);
  });

  clause(
    'LNX-082 a program that takes more is killed',
    async (box) => {
      const container = await limited(box, { memory: { limit: 24 * megabyte } }, ['sh', '-c', 'probe memory 200; echo status $?']);
      await container.start();
      expect(await container.prints(/status \d+/)).toBe('status 137');
      expect(container.stdout).not.toContain('touched');
    },
    'probe',
  );

  clause('LNX-084 swap below the limit is refused', (box) => refused(box, { memory: { limit: 64 * megabyte, swap: 32 * megabyte } }));
});

describe('cpu', () => {
  clause('LNX-092 shares', async (box) => {
    const container = await limited(box, { cpu: { shares: 2048 } });
    if (v2) expect(Number(container.control('cpu', 'cpu.weight'))).toBeGreaterThan(70);
    else expect(container.control('cpu', 'cpu.shares')).toBe('2048');
  });

  clause(
    'LNX-093 LNX-095 quota and period',
    async (box) => {
      const container = await limited(box, { cpu: { quota: 20_000, period: 50_000 } });
      if (v2) expect(container.control('cpu', 'cpu.max')).toBe('20000 50000');
      else {
        expect(container.control('cpu', 'cpu.cfs_quota_us')).toBe('20000');
        expect(container.control('cpu', 'cpu.cfs_period_us')).toBe('50000');
      }
    },
    v2 ? 'cgroup v2' : '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  );

  clause(
    'LNX-095 quota without period, and period without quota',
    async (box) => {
      const quota = await limited(box, { cpu: { quota: 30_000 } });
      expect(quota.control('cpu', v2 ? 'cpu.max' : 'cpu.cfs_quota_us')).toBe(v2 ? '30000 100000' : '30000');
      const period = await limited(box, { cpu: { period: 40_000 } });
      expect(period.control('cpu', v2 ? 'cpu.max' : 'cpu.cfs_period_us')).toBe(v2 ? 'max 40000' : '40000');
    },
    v2 ? 'cgroup v2' : '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  );

  clause('LNX-098 LNX-099 cpus and memory nodes', async (box) => {
    const container = await limited(box, { cpu: { cpus: '0', mems: '0' } });
    expect(container.control('cpuset', 'cpuset.cpus')).toBe('0');
    expect(container.control('cpuset', 'cpuset.mems')).toBe('0');
  });

  clause(
    'LNX-098 the program runs on those cpus only',
    async (box) => {
      const container = await limited(box, { cpu: { cpus: '0' } }, ['probe', 'self']);
      await container.start();
      const line = await container.prints(/"cpus":\d+/);
      expect(line).toBe('"cpus":1');
    },
    'probe',
    'two CPUs',
  );

  clause('LNX-098 a cpu that does not exist is refused', (box) => refused(box, { cpu: { cpus: '9999' } }));

  clause('LNX-098 a malformed cpu list is refused', (box) => refused(box, { cpu: { cpus: 'first' } }));

  clause(
    'LNX-100 idle',
    async (box) => {
      const container = await limited(box, { cpu: { idle: 1 } });
      expect(container.control('cpu', 'cpu.idle')).toBe('1');
      // On a busy machine an idle process does not come to its end.
      writeFileSync(join(container.cgroup('cpu'), 'cpu.idle'), '0');
    },
    v2 ? 'Linux 5.15' : '/sys/fs/cgroup/cpu/cpu.idle',
  );
});

describe('pids and unified', () => {
  clause('LNX-112 the limit', async (box) => {
    const container = await limited(box, { pids: { limit: 23 } });
    expect(container.control('pids', 'pids.max')).toBe('23');
  });

  clause('LNX-112 -1 is no limit', async (box) => {
    const container = await limited(box, { pids: { limit: -1 } });
    expect(container.control('pids', 'pids.max')).toBe('max');
  });

  clause('LNX-113 a limit of 0 is none, as engines write it', async (box) => {
    const container = await limited(box, { pids: { limit: 0 } });
    expect(container.control('pids', 'pids.max')).toBe('max');
  });

  clause('LNX-113 a limit of 0 leaves that of a cgroup which is there already', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.resources = { pids: { limit: 0 } };
    });
    const group = cgroupDirectory('pids', `/${bundle.id}`);
    mkdirSync(group);
    writeFileSync(join(group, 'pids.max'), '19');
    const container = await box.create(bundle);
    expect(container.control('pids', 'pids.max')).toBe('19');
    (await container.delete('--force')).ok();
    if (existsSync(group)) rmdirSync(group);
  });

  clause(
    'LNX-112 a program cannot start more',
    async (box) => {
      const container = await limited(box, { pids: { limit: 5 } }, ['probe', 'children', '20']);
      await container.start();
      expect(Number(await container.prints(/\d+/))).toBe(4);
    },
    'probe',
  );

  clause(
    'LNX-117 LNX-119 unified writes the file of that name',
    async (box) => {
      const container = await limited(box, { unified: { 'memory.high': String(48 * megabyte), 'cgroup.max.depth': '3' } });
      expect(container.control('memory', 'memory.high')).toBe(String(48 * megabyte));
      expect(container.control('', 'cgroup.max.depth')).toBe('3');
    },
    'cgroup v2',
  );

  clause(
    'LNX-120 unified with a file that does not exist is refused',
    (box) => refused(box, { unified: { 'nosuch.max': '1' } }),
    'cgroup v2',
  );

  clause('LNX-120 unified with a slash is refused', (box) => refused(box, { unified: { '../pids.max': '1' } }), 'cgroup v2');

  clause('LNX-117 unified on cgroup v1 is refused', (box) => refused(box, { unified: { 'memory.high': '1' } }), 'cgroup v1');
});
