import { describe, expect, it } from 'vitest';
import type { LinuxResources } from '../../spec/types.ts';
import { sharesToWeight } from './conversions.ts';
import { failure, limits, unified } from './testing.ts';

describe('limits, v2', () => {
  it.each<[string, LinuxResources, string[]]>([
    [
      'LNX-084',
      { memory: { limit: 100, swap: 150, reservation: 50 } },
      ['c/memory.swap.max = 50', 'c/memory.max = 100', 'c/memory.low = 50'],
    ],
    ['no swap', { memory: { limit: 100, swap: 100 } }, ['c/memory.swap.max? = 0', 'c/memory.max = 100']],
    ['unlimited', { memory: { limit: -1 } }, ['c/memory.swap.max? = max', 'c/memory.max = max']],
    [
      'AMB-009',
      { memory: { swappiness: 0, disableOOMKiller: false, kernel: 0 }, cpu: { realtimeRuntime: 0 }, network: { classID: 0 } },
      [],
    ],
    ['LNX-092', { cpu: { shares: 1024 } }, ['c/cpu.weight = 100']],
    ['LNX-093', { cpu: { quota: 50000, period: 100000 } }, ['c/cpu.max = 50000 100000']],
    ['LNX-095', { cpu: { period: 200000 } }, ['c/cpu.max = max 200000']],
    ['quota alone', { cpu: { quota: 20000, burst: 1 } }, ['c/cpu.max = 20000', 'c/cpu.max.burst = 1']],
    ['LNX-100', { cpu: { idle: 1 } }, ['c/cpu.idle = 1']],
    ['LNX-101', { blockIO: { weight: 1000 } }, ['c/io.bfq.weight = 1000 or io.weight = 10000']],
    ['LNX-103', { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } }, ['c/io.bfq.weight = 8:0 10 or io.weight = 8:0 1']],
    ['LNX-107', { blockIO: { throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 5n }] } }, ['c/io.max = 8:0 wiops=5']],
    ['LNX-109', { hugepageLimits: [{ pageSize: '1GB', limit: 0 }] }, ['c/hugetlb.1GB.rsvd.max? = 0', 'c/hugetlb.1GB.max = 0']],
    [
      'LNX-117',
      { unified: { 'memory.high': '5', 'io.max': 'a\nb\n', 'cgroup.max.depth': '1' } },
      ['c/memory.high = 5', 'c/io.max = a', 'c/io.max = b', 'c/cgroup.max.depth = 1'],
    ],
  ])('%s', (_title, resources, expected) => {
    expect(limits(unified, resources)).toEqual(expected);
  });

  it.each<[string, LinuxResources, string]>([
    ['LNX-087', { memory: { swappiness: 1 } }, '/memory/swappiness'],
    ['LNX-088', { memory: { disableOOMKiller: true } }, '/memory/disableOOMKiller'],
    ['LNX-096', { cpu: { realtimePeriod: 1 } }, '/cpu/realtimePeriod'],
    ['LNX-110', { network: { classID: 1 } }, '/network/classID'],
    ['LNX-120', { unified: { 'nosuch.max': '1' } }, '/unified/nosuch.max'],
  ])('refuses %s', (_title, resources, pointer) => {
    expect(failure(() => limits(unified, resources)).pointer).toBe(`/linux/resources${pointer}`);
  });

  it('LNX-121 ENG-017 shares become weights', () => {
    expect([2, 3, 1024, 262144, 1000000].map(sharesToWeight)).toEqual([1, 2, 100, 10000, 10000]);
  });
});
