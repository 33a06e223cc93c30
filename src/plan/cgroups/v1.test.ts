import { describe, expect, it } from 'vitest';
import type { CgroupFacts } from '../../host/facts.ts';
import type { LinuxResources } from '../../spec/types.ts';
import { failure, hybrid, limits, v1 } from './testing.ts';

describe('limits, v1', () => {
  it.each<[string, LinuxResources, string[]]>([
    ['LNX-082 limit', { memory: { limit: 67108864 } }, ['memory/c/memory.limit_in_bytes = 67108864']],
    [
      'LNX-084 swap',
      { memory: { limit: 100, swap: 150 } },
      ['memory/c/memory.memsw.limit_in_bytes = -1', 'memory/c/memory.limit_in_bytes = 100', 'memory/c/memory.memsw.limit_in_bytes = 150'],
    ],
    [
      'no swap limit',
      { memory: { limit: 100, swap: -1 } },
      ['memory/c/memory.memsw.limit_in_bytes? = -1', 'memory/c/memory.limit_in_bytes = 100'],
    ],
    ['unlimited', { memory: { limit: -1 } }, ['memory/c/memory.memsw.limit_in_bytes? = -1', 'memory/c/memory.limit_in_bytes = -1']],
    ['64 bits', { memory: { limit: 9223372036854771712n } }, ['memory/c/memory.limit_in_bytes = 9223372036854771712']],
    [
      'LNX-083 LNX-087 to LNX-089 reservation, swappiness, OOM killer, hierarchy',
      { memory: { reservation: 5, swappiness: 0, disableOOMKiller: true, useHierarchy: true } },
      [
        'memory/c/memory.soft_limit_in_bytes = 5',
        'memory/c/memory.swappiness = 0',
        'memory/c/memory.oom_control = 1',
        'memory/c/memory.use_hierarchy? = 1',
      ],
    ],
    [
      'zeros of engines',
      { memory: { limit: 0, swap: 0, disableOOMKiller: false }, cpu: { shares: 0, quota: 0 }, blockIO: { weight: 0 } },
      [],
    ],
    [
      'LNX-092 to LNX-095 LNX-098 LNX-099 cpu',
      { cpu: { shares: 512, quota: 50000, period: 100000, burst: 10, cpus: '0-1', mems: '0' } },
      [
        'cpu/c/cpu.shares = 512',
        'cpu/c/cpu.cfs_period_us = 100000',
        'cpu/c/cpu.cfs_quota_us = 50000',
        'cpu/c/cpu.cfs_burst_us = 10',
        'cpuset/c/cpuset.cpus = 0-1',
        'cpuset/c/cpuset.mems = 0',
      ],
    ],
    [
      'LNX-096 LNX-097 realtime',
      { cpu: { realtimeRuntime: 1, realtimePeriod: 2 } },
      ['cpu/c/cpu.rt_period_us = 2', 'cpu/c/cpu.rt_runtime_us = 1'],
    ],
    ['LNX-100 idle', { cpu: { idle: 1, shares: 2 } }, ['cpu/c/cpu.shares = 2', 'cpu/c/cpu.idle = 1']],
    ['LNX-112 pids', { pids: { limit: -1 } }, ['pids/c/pids.max = max']],
    ['LNX-113 no pids', { pids: { limit: 0 } }, []],
    ['LNX-101 weight', { blockIO: { weight: 10 } }, ['blkio/c/blkio.bfq.weight = 10 or blkio.weight = 10']],
    [
      'LNX-104 throttle',
      { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1048576 }] } },
      ['blkio/c/blkio.throttle.read_bps_device = 8:0 1048576'],
    ],
    [
      'LNX-109 hugetlb',
      { hugepageLimits: [{ pageSize: '2MB', limit: 4194304 }] },
      ['hugetlb/c/hugetlb.2MB.rsvd.limit_in_bytes? = 4194304', 'hugetlb/c/hugetlb.2MB.limit_in_bytes = 4194304'],
    ],
    [
      'LNX-110 LNX-111 network',
      { network: { classID: 1048577, priorities: [{ name: 'eth0', priority: 5 }] } },
      ['net_cls/c/net_cls.classid = 1048577', 'net_prio/c/net_prio.ifpriomap = eth0 5'],
    ],
    [
      'LNX-114 LNX-115 rdma',
      { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 4 } } },
      ['rdma/c/rdma.max = mlx5_1 hca_handle=3 hca_object=4'],
    ],
  ])('%s', (_title, resources, expected) => {
    expect(limits(hybrid, resources)).toEqual(expected);
  });

  it.each<[string, CgroupFacts, LinuxResources, string, string]>([
    ['LNX-117', { ...hybrid, mode: 'legacy' }, { unified: { 'memory.high': '1' } }, 'CGROUP_UNSUPPORTED', '/unified'],
    ['LNX-117 hybrid', hybrid, { unified: { 'memory.high': '1' } }, 'CGROUP_CONTROLLER_MISSING', '/unified/memory.high'],
    ['LNX-102', hybrid, { blockIO: { leafWeight: 10 } }, 'CGROUP_UNSUPPORTED', '/blockIO/leafWeight'],
    ['no controller', { ...hybrid, hierarchies: v1(['cpu']) }, { pids: { limit: 1 } }, 'CGROUP_CONTROLLER_MISSING', '/pids/limit'],
  ])('refuses %s', (_title, cgroup, resources, code, pointer) => {
    expect(failure(() => limits(cgroup, resources))).toMatchObject({ code, pointer: `/linux/resources${pointer}` });
  });
});
