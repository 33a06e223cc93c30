import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const v1 = cgroupMode === 'v1';
const megabyte = 1 << 20;

interface Event {
  type: string;
  id: string;
  data: {
    cpu: {
      usage: { total: number; kernel: number; user: number };
      throttling: { periods?: number; throttledPeriods?: number; throttledTime?: number };
      psi?: unknown;
    };
    cpuset: { cpus: number[]; mems: number[] };
    memory: {
      usage: { limit: number; usage: number; max?: number; failcnt: number };
      swap: { limit: number };
      raw: Record<string, number>;
      psi?: { some: { avg10: number; total: number } };
    };
    pids: { current: number; limit?: number };
    blkio: object;
    hugetlb: object;
    intel_rdt: object;
  };
}

function limited(box: Box, args: string[], memory = 64 * megabyte): Promise<Container> {
  return box.started(
    box.bundle((config) => {
      config.linux.resources = { memory: { limit: memory }, pids: { limit: 20 }, cpu: { quota: 10_000, period: 50_000 } };
      config.process.args = args;
    }),
  );
}

/** The lines that have ended: of one that is written across a page of the file its beginning can be read before the rest. */
const parsed = (text: string): Event[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('events --stats', () => {
  clause('CLI-070 one line with the numbers of the cgroup', async (box) => {
    const container = await limited(box, ['sleep', '1000']);
    const result = (await box.runtime(['events', '--stats', container.id])).ok();
    expect(result.stdout.split('\n').length).toBe(2);
    const [event] = parsed(result.stdout);
    expect(event).toMatchObject({ type: 'stats', id: container.id });
    const { cpu, cpuset, memory, pids } = (event as Event).data;
    expect(cpu.usage.kernel).toBeGreaterThanOrEqual(0);
    expect(cpuset.cpus).toContain(0);
    expect(memory.usage.limit).toBe(64 * megabyte);
    expect(memory.usage.usage).toBeGreaterThan(0);
    expect(memory.raw).toHaveProperty('pgfault');
    expect(pids).toEqual({ current: 1, limit: 20 });
    expect(Object.keys((event as Event).data)).toEqual([
      'cpu',
      'cpuset',
      'memory',
      'pids',
      'blkio',
      'hugetlb',
      'intel_rdt',
      'network_interfaces',
    ]);
  });

  clause('CLI-070 numbers beyond 2^53 keep their digits', async (box) => {
    const container = await limited(box, ['sleep', '1000'], -1);
    const { stdout } = (await box.runtime(['events', '--stats', container.id])).ok();
    expect(stdout).toContain(v1 ? '"limit":9223372036854771712' : '"limit":18446744073709551615');
  });

  clause('LNX-095 a quota throttles, as the statistics tell', async (box) => {
    const container = await limited(box, ['sh', '-c', 'while :; do :; done']);
    // Less than it gets from a machine that others keep busy.
    (await box.runtime(['update', '--cpu-period', '100000', '--cpu-quota', '1000', container.id])).ok();
    await until('it is throttled', async () => {
      const [event] = parsed((await box.runtime(['events', '--stats', container.id])).ok().stdout);
      return (event?.data.cpu.throttling.throttledPeriods ?? 0) > 2 && (event?.data.cpu.throttling.throttledTime ?? 0) > 0;
    });
  });

  clause(
    'CLI-070 pressure, where the kernel measures it',
    async (box) => {
      const container = await limited(box, ['sleep', '1000']);
      const [event] = parsed((await box.runtime(['events', '--stats', container.id])).ok().stdout);
      expect(event?.data.memory.psi?.some).toMatchObject({ avg10: expect.any(Number), total: expect.any(Number) });
      expect(event?.data.cpu.psi).toBeDefined();
    },
    'cgroup v2',
    '/proc/pressure/memory',
  );

  clause('CLI-070 a stopped container has none', async (box) => {
    const container = await limited(box, ['true']);
    await container.reaches('stopped');
    for (const options of [['--stats'], []]) {
      const result = await box.runtime(['events', ...options, container.id]);
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(`container with id ${container.id} is not running`);
    }
  });
});

describe('events', () => {
  clause('CLI-068 CLI-069 a line each interval until the container ends', async (box) => {
    const container = await limited(box, ['sleep', '1000']);
    const watcher = box.launch(['events', '--interval', '50ms', container.id]);
    await until('three lines', () => parsed(watcher.output()).length >= 3);
    expect(parsed(watcher.output()).every(({ type }) => type === 'stats')).toBe(true);
    (await container.kill('KILL')).ok();
    expect((await watcher.exited).status).toBe(0);
  });

  clause(
    'CLI-068 a process killed for want of memory is an oom event at once',
    async (box) => {
      const container = await limited(
        box,
        ['sh', '-c', 'while [ ! -e /tmp/go ]; do usleep 20000; done; probe memory 200; sleep 1000'],
        24 * megabyte,
      );
      const watcher = box.launch(['events', '--interval', '100ms', container.id]);
      const kinds = () => parsed(watcher.output()).map(({ type }) => type);
      await until('it is watched', () => kinds().length > 0);
      (await container.exec(['touch', '/tmp/go'])).ok();
      await until('an oom event', () => kinds().includes('oom'));
      expect(await container.status()).toBe('running');
      (await container.kill('KILL')).ok();
      await watcher.exited;
      expect(watcher.output()).toMatch(/\n$/);
      const events = parsed(watcher.output()).filter(({ type }) => type === 'oom');
      expect(events).toEqual([{ type: 'oom', id: container.id }]);
    },
    'probe',
  );

  clause('CLI-069 an interval must be a duration above 0', async (box) => {
    const container = await limited(box, ['sleep', '1000']);
    for (const interval of ['0s', '5', 'x', '-1s', '']) {
      expect((await box.runtime(['events', `--interval=${interval}`, container.id])).status, interval).toBe(1);
    }
  });
});
