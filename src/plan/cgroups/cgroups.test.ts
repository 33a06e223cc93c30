import { describe, expect, it } from 'vitest';
import { RuntimeError } from '../../errors.ts';
import type { CgroupFacts, HostFacts } from '../../host/facts.ts';
import type { Linux, LinuxResources, Spec } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import { hybridHost, smallSpec } from '../testing.ts';
import { planCgroups } from './cgroups.ts';
import { sharesToWeight } from './conversions.ts';
import { deviceProperties } from './systemd/devices.ts';

const v1 = (names: readonly string[], own = '/'): CgroupFacts['hierarchies'] =>
  Object.fromEntries(names.map((name) => [name, { mountPoint: `/sys/fs/cgroup/${name.replace('name=', '')}`, root: '/', own }]));

const hybrid: CgroupFacts = {
  mode: 'hybrid',
  hierarchies: {
    ...v1(['cpu', 'cpuset', 'memory', 'devices', 'blkio', 'pids', 'name=systemd', 'hugetlb', 'net_cls', 'net_prio', 'rdma']),
    '': { mountPoint: '/sys/fs/cgroup/unified', root: '/', own: '/' },
  },
  unifiedControllers: [],
};
const unified: CgroupFacts = {
  mode: 'unified',
  hierarchies: { '': { mountPoint: '/sys/fs/cgroup', root: '/', own: '/user.slice/session.scope' } },
  unifiedControllers: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma'],
};

function factsWith(cgroup: CgroupFacts, more: Partial<HostFacts> = {}): HostFacts {
  return {
    kernel: [6, 18],
    euid: 0,
    egid: 0,
    initialUserNamespace: true,
    cgroup,
    boundingCapabilities: 0n,
    lastCapability: 40,
    apparmor: false,
    selinux: false,
    machine: 'x86_64',
    ...more,
  };
}

const specWith = (linux: Linux, more: Partial<Spec> = {}): Spec => ({ ociVersion: '1.3.0', root: { path: 'rootfs' }, linux, ...more });
const planFor = (cgroup: CgroupFacts, linux: Linux, more?: Partial<HostFacts>) =>
  planCgroups({ spec: specWith(linux), facts: factsWith(cgroup, more), id: 'c1', systemd: false });

/** The writes as "directory/file = value" below the cgroup mount, with the pointer where asked. */
function writes(steps: readonly Step[]): string[] {
  return steps.flatMap(({ action }) => {
    if (action.op !== 'cgroup.write') return [];
    const mark = action.optional ? '?' : '';
    const or = action.fallback ? ` or ${action.fallback.path.split('/').pop()} = ${action.fallback.value}` : '';
    return [`${action.path.replace('/sys/fs/cgroup/', '')}${mark} = ${action.value}${or}`];
  });
}

/** Without the device rules of every container where the resources have none. */
const limits = (cgroup: CgroupFacts, resources: LinuxResources) =>
  writes(planFor(cgroup, { cgroupsPath: '/c', resources }).steps).filter(
    (write) => resources.devices !== undefined || !write.includes('/devices.'),
  );

function failure(action: () => unknown): RuntimeError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    return error as RuntimeError;
  }
  throw new Error('no error');
}

describe('paths (LNX-059 to LNX-062)', () => {
  const legacy: CgroupFacts = { mode: 'legacy', hierarchies: v1(['memory'], '/own'), unifiedControllers: [] };
  it.each([
    ['absolute', legacy, '/a/b', '/sys/fs/cgroup/memory/a/b'],
    ['relative', legacy, 'a/b', '/sys/fs/cgroup/memory/own/a/b'],
    ['absent', legacy, undefined, '/sys/fs/cgroup/memory/own/c1'],
    ['empty', legacy, '', '/sys/fs/cgroup/memory/own/c1'],
    ['v2 absolute', unified, '/a//b/', '/sys/fs/cgroup/a/b'],
    ['v2 relative: beside the runtime, not inside its cgroup', unified, 'a', '/sys/fs/cgroup/user.slice/a'],
    ['v2 absent', unified, undefined, '/sys/fs/cgroup/user.slice/c1'],
  ])('%s', (_title, cgroup, cgroupsPath, expected) => {
    const { cgroupPaths } = planFor(cgroup, cgroupsPath === undefined ? {} : { cgroupsPath });
    expect(Object.values(cgroupPaths)).toEqual([expected]);
  });

  it('follows a mount that shows only a part of the hierarchy', () => {
    const inside = (own: string): CgroupFacts => ({
      ...legacy,
      hierarchies: { memory: { mountPoint: '/sys/fs/cgroup/memory', root: '/docker/x', own } },
    });
    expect(planFor(inside('/docker/x/y'), {}).cgroupPaths['memory']).toBe('/sys/fs/cgroup/memory/y/c1');
    expect(planFor(inside('/elsewhere'), {}).cgroupPaths['memory']).toBe('/sys/fs/cgroup/memory/c1');
  });

  it.each(['/', '.', 'a/../../b'])('refuses %j', (cgroupsPath) => {
    expect(failure(() => planFor(unified, { cgroupsPath }))).toMatchObject({ code: 'INVALID_CGROUPS_PATH', pointer: '/linux/cgroupsPath' });
  });
});

describe('joining', () => {
  const beforeCloneInto = { kernel: [5, 6] } as const;

  it('has init start in the unified cgroup, which is made first', () => {
    const { firstSteps, steps, joinSteps } = planFor(unified, { cgroupsPath: '/c', resources: { pids: { limit: 5 } } });
    expect(firstSteps.map(({ action }) => action.op)).toEqual(['cgroup.create', 'cgroup.enable', 'cgroup.spawnInto']);
    expect(firstSteps.every((step) => !('at' in step))).toBe(true);
    expect(steps.map(({ action }) => action.op)).toEqual(['cgroup.write', 'cgroup.deviceFilter']);
    expect(joinSteps).toEqual([]);
    const mixed = planFor(hybrid, { cgroupsPath: '/c' });
    expect(mixed.firstSteps.map(({ action }) => action.op)).toEqual(['cgroup.create', 'cgroup.spawnInto']);
    expect(JSON.stringify(mixed.steps)).not.toContain('cgroup.procs');
  });

  it.each([{ memory: { limit: 131072 } }, { unified: { 'memory.max': '131072' } }])(
    'lets init build the container outside of %j',
    (resources) => {
      const { firstSteps, joinSteps, lateJoinSteps } = planFor(unified, { cgroupsPath: '/c', resources });
      expect([...firstSteps, ...joinSteps]).toEqual([]);
      expect(lateJoinSteps.map(({ action }) => action.op)).toEqual(['cgroup.join']);
      // Its root is where it is made.
      const withNamespace = planFor(unified, { cgroupsPath: '/c', resources, namespaces: [{ type: 'cgroup' }] });
      expect(withNamespace.joinSteps.map(({ action }) => action.op)).toEqual(['cgroup.join']);
      expect(planFor(unified, { cgroupsPath: '/c', resources: { memory: { limit: 1 << 20 } } }).firstSteps).not.toEqual([]);
      expect(planFor(hybrid, { cgroupsPath: '/c', resources: { memory: { limit: 131072 } } }).firstSteps).not.toEqual([]);
    },
  );

  it('enters every hierarchy once, memory last', () => {
    const cgroup: CgroupFacts = {
      mode: 'hybrid',
      hierarchies: {
        ...v1(['memory', 'name=systemd']),
        cpu: { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/', own: '/' },
        cpuacct: { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/', own: '/' },
        '': { mountPoint: '/sys/fs/cgroup/unified', root: '/', own: '/' },
      },
      unifiedControllers: [],
    };
    const { steps, joinSteps, lateJoinSteps } = planFor(cgroup, { cgroupsPath: '/c' }, beforeCloneInto);
    expect(steps.filter(({ action }) => action.op === 'cgroup.create')).toHaveLength(4);
    expect(steps.at(-1)?.action).toEqual({
      op: 'cgroup.open',
      files: [
        { path: '/sys/fs/cgroup/systemd/c/tasks', slot: 16 },
        { path: '/sys/fs/cgroup/cpu,cpuacct/c/tasks', slot: 17 },
        { path: '/sys/fs/cgroup/unified/c/cgroup.procs', slot: 18 },
        { path: '/sys/fs/cgroup/memory/c/tasks', slot: 19 },
      ],
    });
    expect(joinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [16, 17, 18] }]);
    expect(lateJoinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [19] }]);
    const own = planFor(cgroup, { cgroupsPath: '/c', namespaces: [{ type: 'cgroup' }] }, beforeCloneInto);
    expect(own.joinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [16, 17, 18, 19] }]);
    expect(own.lateJoinSteps).toEqual([]);
  });

  it('LNX-065 changes no limit without resources, but what devices may be used', () => {
    expect(planFor(hybrid, { cgroupsPath: '/c' }, beforeCloneInto).steps.map(({ action }) => action.op)).toEqual([
      ...Array(12).fill('cgroup.create'),
      'cgroup.inheritCpuset',
      ...Array(12).fill('cgroup.write'),
      'cgroup.open',
    ]);
    const { devices, ...others } = v1(['pids', 'devices']);
    const written = writes(planFor({ ...hybrid, hierarchies: { ...others, devices } } as CgroupFacts, { resources: {} }).steps);
    expect(written.every((each) => each.startsWith('devices/'))).toBe(true);
    expect(writes(planFor({ ...hybrid, hierarchies: others } as CgroupFacts, { resources: {} }).steps)).toEqual([]);
  });

  it('enables controllers before limits are written', () => {
    const { steps } = planFor(unified, { cgroupsPath: '/c', resources: { pids: { limit: 5 } } }, beforeCloneInto);
    expect(steps.map(({ action }) => action.op)).toEqual([
      'cgroup.create',
      'cgroup.enable',
      'cgroup.write',
      'cgroup.deviceFilter',
      'cgroup.open',
    ]);
    expect(steps[2]).toMatchObject({ title: 'set pids.max to 5', pointer: '/linux/resources/pids/limit', at: 'cgroup' });
  });
});

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

describe('devices', () => {
  const denyAll = { allow: false, access: 'rwm' };

  it('LNX-075 v1: deny all, then exceptions, then what every container may use', () => {
    const steps = limits(hybrid, { devices: [denyAll, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }] });
    expect(steps.slice(0, 5)).toEqual([
      'devices/c/devices.deny = a',
      'devices/c/devices.allow = c 10:229 rw',
      'devices/c/devices.allow = c *:* m',
      'devices/c/devices.allow = b *:* m',
      'devices/c/devices.allow = c 1:3 rwm',
    ]);
    expect(steps).toHaveLength(13);
  });

  it('v1: privileged', () =>
    expect(limits(hybrid, { devices: [{ allow: true, access: 'rwm' }] })).toEqual(['devices/c/devices.allow = a']));

  it('v1: rules before one for everything do not matter', () => {
    const rules = [{ allow: true, type: 'c', major: 1, access: 'rwm' }, denyAll] as const;
    expect(limits(hybrid, { devices: rules })).toEqual(limits(hybrid, { devices: [denyAll] }));
  });

  it('v1: deny one of all', () => {
    const all = { allow: true, access: 'rwm' };
    expect(limits(hybrid, { devices: [all, { allow: false, type: 'b', major: 8, access: 'w' }] })).toEqual([
      'devices/c/devices.allow = a',
      'devices/c/devices.deny = b 8:* w',
    ]);
  });

  it('v1: a rule that only takes away a part of an exception cannot be said', () => {
    const rules = [
      denyAll,
      { allow: true, type: 'c', access: 'rwm' },
      { allow: false, type: 'c', major: 9, minor: 1, access: 'rwm' },
    ] as const;
    expect(failure(() => limits(hybrid, { devices: rules })).code).toBe('CGROUP_UNSUPPORTED');
  });

  it('LNX-080 v2: one program', () => {
    const { steps } = planFor(unified, { cgroupsPath: '/c', resources: { devices: [denyAll] } });
    const filter = steps.find(({ action }) => action.op === 'cgroup.deviceFilter');
    expect(filter).toMatchObject({ pointer: '/linux/resources/devices', action: { path: '/sys/fs/cgroup/c' } });
    const without = planFor(unified, { cgroupsPath: '/c', resources: {} }).steps;
    expect(without.find(({ action }) => action.op === 'cgroup.deviceFilter')?.action).toEqual(filter?.action);
  });

  it.each([
    ['of type "a" with numbers', [{ allow: true, type: 'a', major: 10, minor: 229, access: 'rwm' }], [{ allow: true, access: 'rwm' }]],
    ['of type "a" with a part of the access', [{ allow: false, type: 'a', access: 'w' }], [denyAll]],
    ['that comes before one of type "a"', [{ allow: true, type: 'c', major: 10, access: 'r' }, { allow: false }], [denyAll]],
    ['for a single device alone', [{ allow: false, type: 'c', major: 10, access: 'r' }], [denyAll]],
  ] as const)('a rule %s means the same everywhere', (_title, devices, same) => {
    expect(limits(hybrid, { devices })).toEqual(limits(hybrid, { devices: same }));
    const filter = (rules: LinuxResources['devices']) =>
      planFor(unified, { resources: { devices: rules ?? [] } }).steps.find(({ action }) => action.op === 'cgroup.deviceFilter')?.action;
    expect(filter(devices)).toBeDefined();
    if (_title !== 'for a single device alone') expect(filter(devices)).toEqual(filter(same));
    expect(deviceProperties({ devices })).toEqual(deviceProperties({ devices: same }));
  });

  it('v1: only what no configuration asks for may be forbidden by the parent', () => {
    const tun = { allow: true, type: 'c', major: 10, minor: 200, access: 'r' };
    const { steps } = planFor(hybrid, { resources: { devices: [denyAll, tun] } });
    const tuns = steps.flatMap(({ action }) => (action.op === 'cgroup.write' && action.value.includes('10:200') ? [action] : []));
    expect(tuns.map(({ value, mayBeForbidden }) => [value, mayBeForbidden])).toEqual([
      ['c 10:200 r', undefined],
      ['c 10:200 wm', true],
    ]);
  });
});

describe('without cgroups', () => {
  const none: CgroupFacts = { mode: 'none', hierarchies: {}, unifiedControllers: [] };

  it('warns, unless limits are asked for', () => {
    const plan = planFor(none, { resources: { devices: [{ allow: false, access: 'rwm' }] } });
    expect(plan).toMatchObject({ steps: [], joinSteps: [], lateJoinSteps: [], cgroupPaths: {}, warnings: [{ code: 'NO_CGROUP' }] });
    expect(failure(() => planFor(none, { resources: { pids: { limit: 1 } } })).code).toBe('CGROUPS_UNAVAILABLE');
  });

  it('rootless: only where a place was prepared', () => {
    const rootless = { euid: 1000 };
    expect(planFor(hybrid, { cgroupsPath: '/c' }, rootless).warnings).toMatchObject([{ code: 'NO_CGROUP' }]);
    expect(planFor(unified, {}, rootless).steps).toEqual([]);
    expect(planFor(unified, { cgroupsPath: '/user.slice/c' }, rootless).firstSteps).not.toEqual([]);
    expect(writes(planFor(unified, { resources: { pids: { limit: 1 } } }, rootless).steps)).toHaveLength(1);
  });
});

describe('delegation (LNX-067 to LNX-074)', () => {
  const linux: Linux = {
    cgroupsPath: '/c',
    namespaces: [{ type: 'cgroup' }, { type: 'user' }],
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  };
  const mount = (options: string[]) => [{ source: 'cgroup', destination: '/sys/fs/cgroup', type: 'cgroup', options }];
  const owner = (cgroup: CgroupFacts, options: string[], more: Linux = linux) => {
    const spec = specWith(more, { mounts: mount(options), process: { args: ['a'], cwd: '/', user: { uid: 7 } } });
    const { steps } = planCgroups({ spec, facts: factsWith(cgroup), id: 'c1', systemd: false });
    return steps.flatMap(({ action }) => (action.op === 'cgroup.delegate' ? [action.uid] : []));
  };

  it('LNX-067 to LNX-070 only v2, a new cgroup namespace and a writable mount', () => {
    expect(owner(unified, ['rw'])).toEqual([100007]);
    expect(owner(unified, ['ro'])).toEqual([]);
    expect(owner(hybrid, ['rw'])).toEqual([]);
    expect(owner(unified, ['rw'], { ...linux, namespaces: [{ type: 'user' }] })).toEqual([]);
  });
});

it('stays in the cgroup of the runtime when cgroups are disabled, unless limits are asked for', () => {
  const plan = planCgroups({ spec: smallSpec, facts: hybridHost, id: 'box', systemd: false, disabled: true });
  expect(plan).toMatchObject({ steps: [], cgroupPaths: {}, warnings: [{ code: 'NO_CGROUP' }] });
  const spec = { ...smallSpec, linux: { resources: { pids: { limit: 5 } } } };
  expect(() => planCgroups({ spec, facts: hybridHost, id: 'box', systemd: false, disabled: true })).toThrow(
    expect.objectContaining({ code: 'CGROUPS_UNAVAILABLE' }),
  );
});
