import { expect, test } from 'vitest';
import { statsV1 } from './stats-v1.ts';
import { statsV2 } from './stats-v2.ts';
import { listOf, numberOf, pressureOf } from './stats-values.ts';

const reader = (files: Record<string, string>) => (controller: string, file: string) =>
  files[controller === '' ? file : `${controller}/${file}`];

test('v2: microseconds become nanoseconds, swap counts memory too, and devices have an entry per operation', () => {
  const read = reader({
    'cpu.stat': 'usage_usec 7\nuser_usec 2\nsystem_usec 5\nnr_periods 3\nnr_throttled 2\nthrottled_usec 9\n',
    'memory.max': '1000\n',
    'memory.swap.max': '500\n',
    'memory.current': '10\n',
    'memory.swap.current': '4\n',
    'memory.peak': '20\n',
    'memory.events': 'low 0\nhigh 0\nmax 6\noom 1\noom_kill 1\n',
    'memory.stat': 'anon 1\nfile 8\n',
    'memory.pressure': 'some avg10=1.50 avg60=0.00 avg300=0.00 total=30\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=10\n',
    'io.stat': '8:0 rbytes=1 wbytes=0 rios=3 wios=4 dbytes=0 dios=0\n',
    'pids.current': '2\n',
    'pids.max': 'max\n',
    'hugetlb.2MB.current': '4096\n',
    'hugetlb.2MB.events': 'max 5\n',
  });
  const stats = statsV2(read, ['2MB']);
  expect(stats.cpu.usage).toMatchObject({ total: 7000n, kernel: 5000n, user: 2000n });
  expect(stats.cpu.throttling).toEqual({ periods: 3n, throttledPeriods: 2n, throttledTime: 9000n });
  expect(stats.memory).toMatchObject({
    cache: 8n,
    usage: { limit: 1000n, usage: 10n, max: 20n, failcnt: 6n },
    swap: { limit: 1500n, usage: 14n },
  });
  expect(stats.memory.psi?.some).toEqual({ avg10: 1.5, avg60: 0, avg300: 0, total: 30n });
  expect(stats.pids).toEqual({ current: 2n, limit: undefined });
  expect(stats.blkio.ioServiceBytesRecursive?.[0]).toEqual({ major: 8n, minor: undefined, op: 'Read', value: 1n });
  expect(stats.blkio.ioServicedRecursive?.map(({ op, value }) => `${op} ${value ?? 0}`)).toEqual(['Read 3', 'Write 4', 'Discard 0']);
  expect(stats.hugetlb).toEqual({ '2MB': { usage: 4096n, max: undefined, failcnt: 5n } });
});

test('v1: ticks become nanoseconds, and what passes BFQ is preferred', () => {
  const read = reader({
    'cpuacct/cpuacct.usage': '77\n',
    'cpuacct/cpuacct.usage_percpu': '70 7 \n',
    'cpuacct/cpuacct.usage_all': 'cpu user system\n0 60 10\n1 7 0\n',
    'cpuacct/cpuacct.stat': 'user 2\nsystem 1\n',
    'memory/memory.limit_in_bytes': '9223372036854771712\n',
    'blkio/blkio.bfq.io_serviced_recursive': 'Total 0\n',
    'blkio/blkio.throttle.io_serviced_recursive': '8:0 Read 3\n8:0 Total 3\nTotal 3\n',
    'pids/pids.max': '30\n',
  });
  const stats = statsV1(read, []);
  expect(stats.cpu.usage).toEqual({
    total: 77n,
    percpu: [70n, 7n],
    percpu_user: [60n, 7n],
    percpu_kernel: [10n, 0n],
    kernel: 10_000_000n,
    user: 20_000_000n,
  });
  expect(stats.memory.usage.limit).toBe(9223372036854771712n);
  expect(stats.blkio.ioServicedRecursive?.length).toBe(2);
  expect(stats.pids.limit).toBe(30n);
});

test('what is no number is left out', () => {
  expect(statsV1(() => '1 x -2 3\n', []).cpu.usage.percpu).toEqual([1n, 3n]);
});

test('values', () => {
  expect(numberOf('max')).toBe(2n ** 64n - 1n);
  expect(numberOf(undefined)).toBe(0n);
  expect(listOf('0-2,5\n')).toEqual([0, 1, 2, 5]);
  expect(listOf('\n')).toBeUndefined();
  expect(listOf('0-99999999999')).toBeUndefined();
  expect(listOf('3-1')).toBeUndefined();
  expect(pressureOf(undefined)).toBeUndefined();
});
