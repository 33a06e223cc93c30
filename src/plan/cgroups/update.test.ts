import { expect, test } from 'vitest';
import type { HostFacts } from '../../host/facts.ts';
import type { LinuxResources } from '../../spec/types.ts';
import { hybridHost, unifiedHost } from '../testing.ts';
import { updatedProperties } from './systemd/scope.ts';
import { planUpdate } from './update.ts';

const present = { memory: 1000n, quota: 5000n };

function written(resources: LinuxResources, facts: HostFacts): string[] {
  const controllers = facts === unifiedHost ? [''] : ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'blkio'];
  const paths = Object.fromEntries(controllers.map((name) => [name, `/${name}`]));
  const { writes, devices } = planUpdate(resources, paths, present, facts);
  return [...writes, ...devices].map(({ action }) => `${action.path.slice(action.path.lastIndexOf('/') + 1)}=${action.value}`);
}

const zeros: LinuxResources = {
  memory: { limit: 0, reservation: 0, swap: 0, kernel: 0 },
  cpu: { shares: 0, quota: 0, period: 0, cpus: '', mems: '' },
  blockIO: { weight: 0 },
};

test.each([
  ['v1', hybridHost],
  ['v2', unifiedHost],
])('%s: zero, where it is no limit, leaves what there is', (_name, facts) => {
  expect(written(zeros, facts)).toEqual([]);
  expect(written({}, facts)).toEqual([]);
});

test('v2: the half of a file that is not named keeps its value', () => {
  expect(written({ cpu: { period: 20000 } }, unifiedHost)).toEqual(['cpu.max=5000 20000']);
  expect(written({ cpu: { quota: 7000 } }, unifiedHost)).toEqual(['cpu.max=7000']);
  expect(written({ memory: { swap: 3000 } }, unifiedHost)).toEqual(['memory.swap.max=2000', 'memory.max=1000']);
  expect(written({ memory: { swap: -1 } }, unifiedHost)).toEqual(['memory.swap.max=max']);
});

test('v2: systemd is told of the whole file, too', () => {
  const told = (resources: LinuxResources) => {
    const { resources: complete } = planUpdate(resources, { '': '/x' }, { memory: 1000n, quota: 5000n }, unifiedHost);
    return updatedProperties(complete, unifiedHost).map(([name, [, value]]) => `${name}=${value}`);
  };
  expect(told({ memory: { swap: 3000 } })).toEqual(['MemoryMax=1000', 'MemorySwapMax=2000']);
  expect(told({ cpu: { period: 20000 } })).toEqual(['CPUQuotaPeriodUSec=20000', 'CPUQuotaPerSecUSec=250000']);
});

test.each([
  [{}, 'unable to set swap limit without memory limit'],
  [{ memory: 4000n }, 'memory+swap limit should be >= memory limit'],
])('v2: a swap limit that the present one (%o) leaves no room for', (present, message) => {
  const change = () => planUpdate({ memory: { swap: 3000 } }, { '': '/x' }, present, unifiedHost);
  const pointer = '/linux/resources/memory/swap';
  expect(change).toThrow(expect.objectContaining({ code: 'CGROUP_UNSUPPORTED', message, pointer }));
});

test('v1: each has a file of its own', () => {
  expect(written({ cpu: { period: 20000 } }, hybridHost)).toEqual(['cpu.cfs_period_us=20000']);
  expect(written({ memory: { swap: 3000 } }, hybridHost)).toEqual(['memory.memsw.limit_in_bytes=3000']);
  expect(written({ memory: { disableOOMKiller: false } }, hybridHost)).toEqual(['memory.oom_control=0']);
});

test('devices are replaced only when rules are given', () => {
  const paths = { '': '/x' };
  expect(planUpdate({ devices: [] }, paths, {}, unifiedHost)).toEqual({ resources: { devices: [] }, writes: [], devices: [] });
  expect(planUpdate({ devices: [{ allow: false }] }, paths, {}, unifiedHost).filter?.path).toBe('/x');
});

test('v1: of the device rules only the difference is written', () => {
  const devices =
    'c *:* m\nb *:* m\nc 1:3 rwm\nc 1:5 rwm\nc 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\nc 5:0 rwm\nc 5:2 rwm\nc 136:* rwm\nc 10:229 rw\n';
  const plan = planUpdate({ devices: [{ allow: false }] }, { devices: '/d' }, { devices }, hybridHost);
  expect(plan.devices.map(({ action }) => `${action.path}=${action.value}`)).toEqual([
    '/d/devices.deny=c 10:229 rw',
    '/d/devices.allow=c 10:200 rwm',
  ]);
});
