import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../../errors.ts';
import type { LinuxResources } from '../../spec/types.ts';
import { plan } from '../build.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from '../testing.ts';

const compile = (resources: LinuxResources, host = unifiedHost) =>
  plan({ ...smallSpec, linux: { ...smallSpec.linux, resources } }, planOptions, host);

function refusal(resources: LinuxResources): RuntimeError | undefined {
  try {
    compile(resources);
    return undefined;
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
}

const writes = (resources: LinuxResources, host = unifiedHost): string[] =>
  compile(resources, host).steps.flatMap(({ action }) => (action.op === 'cgroup.write' ? [`${action.path} ${action.value}`] : []));

describe('LNX-122 settings of cgroup v1 without a counterpart in v2 are errors', () => {
  const cases: [string, LinuxResources][] = [
    ['/memory/swappiness', { memory: { swappiness: 60 } }],
    ['/memory/disableOOMKiller', { memory: { disableOOMKiller: true } }],
    ['/cpu/realtimeRuntime', { cpu: { realtimeRuntime: 1000 } }],
    ['/cpu/realtimePeriod', { cpu: { realtimePeriod: 1000 } }],
    ['/network/classID', { network: { classID: 1 } }],
    ['/network/priorities', { network: { priorities: [{ name: 'eth0', priority: 1 }] } }],
    ['/blockIO/leafWeight', { blockIO: { leafWeight: 10 } }],
    ['/blockIO/weightDevice/0/leafWeight', { blockIO: { weightDevice: [{ major: 8, minor: 0, leafWeight: 10 }] } }],
  ];
  test.each(cases)('LNX-122 %s', (pointer, resources) => {
    expect(refusal(resources)).toMatchObject({ code: 'CGROUP_UNSUPPORTED', pointer: `/linux/resources${pointer}` });
  });

  test('LNX-122 values that ask for nothing are no errors', () => {
    expect(
      refusal({
        memory: { swappiness: 0, disableOOMKiller: false, kernel: -1, kernelTCP: 0, useHierarchy: true },
        cpu: { realtimeRuntime: 0, realtimePeriod: 0 },
        network: { classID: 0, priorities: [] },
        blockIO: { leafWeight: 0 },
      }),
    ).toBeUndefined();
  });
});

describe('throttles', () => {
  const at = [{ major: 8, minor: 16, rate: 18_446_744_073_709_551_615n }];
  const most = '8:16 18446744073709551615';
  test.each([
    ['LNX-104', 'throttleReadBpsDevice', 'read_bps_device', 'rbps'],
    ['LNX-105', 'throttleWriteBpsDevice', 'write_bps_device', 'wbps'],
    ['LNX-106', 'throttleReadIOPSDevice', 'read_iops_device', 'riops'],
    ['LNX-107', 'throttleWriteIOPSDevice', 'write_iops_device', 'wiops'],
  ] as const)('%s %s', (_clause, member, file, key) => {
    const blockIO = { [member]: at };
    expect(writes({ blockIO }, hybridHost)).toContain(`/sys/fs/cgroup/blkio/box/blkio.throttle.${file} ${most}`);
    expect(writes({ blockIO })).toContain(`/sys/fs/cgroup/box/io.max 8:16 ${key}=18446744073709551615`);
  });
});
