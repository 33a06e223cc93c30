import { describe, expect, test } from 'vitest';
import type { LinuxDeviceCgroup } from '../../../spec/types.ts';
import { annotatedProperties } from '../../../spec/unit-properties.ts';
import { hybridHost, smallSpec, unifiedHost } from '../../testing.ts';
import { planCgroups } from '../cgroups.ts';
import { deviceProperties } from './devices.ts';
import { bitMask, limitProperties } from './limits.ts';
import { formerProperties, scopeDirectories, scopePlace, scopeProperties, sliceDirectory, updatedProperties } from './scope.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('cgroupsPath', () => {
  test.each([
    ['machine.slice:libpod:abc', 'libpod-abc.scope', 'machine.slice'],
    [':crio:abc', 'crio-abc.scope', 'system.slice'],
    ['a-b.slice::', 'box.scope', 'a-b.slice'],
    [undefined, 'runts-box.scope', 'system.slice'],
  ])('%s', (path, name, slice) => {
    expect(scopePlace(path, 'box', false)).toEqual({ name, slice, user: false });
  });

  test.each(['/box', 'a:b', 'a:b:c:d', 'nodots:b:c', 'a/b.slice:b:c', 'a--b.slice:b:c', ':b:../c', ':b:c d'])('%s is refused', (path) => {
    expect(() => scopePlace(path, 'box', false)).toThrow(code('INVALID_CGROUPS_PATH'));
  });

  test('slices nest by their names', () => {
    expect(sliceDirectory('a-b-c.slice')).toBe('/a.slice/a-b.slice/a-b-c.slice');
    expect(sliceDirectory('-.slice')).toBe('');
  });

  test('the directory is below the manager', () => {
    const place = scopePlace('user.slice:runts:x', 'x', true);
    const manager = '/user.slice/user-1000.slice/user@1000.service';
    expect(scopeDirectories(unifiedHost.cgroup, place, manager)).toEqual({ '': `/sys/fs/cgroup${manager}/user.slice/runts-x.scope` });
    expect(scopeDirectories(hybridHost.cgroup, place, '')['memory']).toBe('/sys/fs/cgroup/memory/user.slice/runts-x.scope');
  });
});

describe('properties', () => {
  test('limits of cgroup v2', () => {
    const resources = {
      memory: { limit: 1000, swap: 1500, reservation: 10 },
      cpu: { shares: 1024, quota: 20000, period: 50000, cpus: '0-1,9' },
      pids: { limit: 7 },
      unified: { 'memory.high': 'max', 'cpu.max': 'max 1000', 'io.max': '8:0 rbps=1' },
    };
    expect(limitProperties(resources, true)).toEqual([
      ['MemoryMax', ['t', 1000n]],
      ['MemoryLow', ['t', 10n]],
      ['MemorySwapMax', ['t', 500n]],
      ['CPUWeight', ['t', 100n]],
      ['CPUQuotaPeriodUSec', ['t', 50000n]],
      ['CPUQuotaPerSecUSec', ['t', 400000n]],
      ['AllowedCPUs', ['ay', Uint8Array.of(3, 2)]],
      ['TasksMax', ['t', 7n]],
      ['MemoryHigh', ['t', 2n ** 64n - 1n]],
      ['CPUQuotaPeriodUSec', ['t', 1000n]],
      ['CPUQuotaPerSecUSec', ['t', 2n ** 64n - 1n]],
    ]);
  });

  test('limits of cgroup v1, and rounding to 10 ms', () => {
    expect(limitProperties({ memory: { limit: -1 }, cpu: { shares: 7, quota: 33333 } }, false)).toEqual([
      ['MemoryLimit', ['t', 2n ** 64n - 1n]],
      ['CPUShares', ['t', 7n]],
      ['CPUQuotaPerSecUSec', ['t', 340000n]],
    ]);
  });

  test.each([[{ limit: 0 }], [{}]])('a pids limit that is not set: %j', (pids) => {
    expect(limitProperties({ pids }, true)).toEqual([]);
  });

  test('no limit of processes', () => {
    expect(limitProperties({ pids: { limit: -1 } }, true)).toEqual([['TasksMax', ['t', 2n ** 64n - 1n]]]);
  });

  test('an idle cgroup has no weight', () => {
    const idle = [['CPUWeight', ['t', 0n]]];
    expect(limitProperties({ cpu: { idle: 1, shares: 1024 } }, true)).toEqual(idle);
    expect(limitProperties({ unified: { 'cpu.idle': '1', 'cpu.weight': '50' } }, true)).toEqual(idle);
    expect(limitProperties({ cpu: { idle: 0, shares: 1024 } }, true)).toEqual([['CPUWeight', ['t', 100n]]]);
  });

  test.each([
    ['1', [['OOMPolicy', ['s', 'kill']]]],
    ['0', []],
    [undefined, []],
  ])('memory.oom.group %s', (group, expected) => {
    const resources = group === undefined ? {} : { unified: { 'memory.oom.group': group } };
    const place = scopePlace(undefined, 'x', false);
    const properties = scopeProperties({ ...smallSpec, linux: { ...smallSpec.linux, resources } }, 'x', place, unifiedHost);
    expect(properties.filter(([name]) => name === 'OOMPolicy')).toEqual(expected);
    expect(updatedProperties(resources, unifiedHost)).toEqual([]);
  });

  test('a bit per cpu', () => {
    expect(bitMask('0', '/x')).toEqual(Uint8Array.of(1));
    expect(bitMask('70', '/x')).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 64));
  });
});

describe('devices', () => {
  const auto = [
    ['DevicePolicy', ['s', 'auto']],
    ['DeviceAllow', ['a(ss)', []]],
  ];
  const denyAll: LinuxDeviceCgroup = { allow: false, access: 'rwm' };
  const fuse: LinuxDeviceCgroup = { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' };

  test('what is allowed, in words that need no device file', () => {
    const devices: LinuxDeviceCgroup[] = [denyAll, fuse, { allow: true, type: 'b', major: 8 }];
    const properties = deviceProperties({ devices });
    expect(properties.slice(0, 2)).toEqual([['DevicePolicy', ['s', 'strict']], auto[1]]);
    const allowed = properties[2]?.[1][1];
    expect(allowed).toEqual(
      expect.arrayContaining([
        ['/dev/char/10:229', 'rw'],
        ['block-8', 'rwm'],
        ['/dev/char/1:3', 'rwm'],
      ]),
    );
    expect(allowed).toEqual(
      expect.arrayContaining([
        ['char-*', 'm'],
        ['block-*', 'm'],
        ['char-136', 'rwm'],
      ]),
    );
    expect(properties).toHaveLength(3);
  });

  test('a later rule takes back what an earlier one gives', () => {
    const text = JSON.stringify(deviceProperties({ devices: [denyAll, fuse, { ...fuse, allow: false }] }));
    expect(text).toContain('strict');
    expect(text).not.toContain('10:229');
  });

  test.each<[string, LinuxDeviceCgroup[]]>([
    ['everything is allowed', [{ allow: true, access: 'rwm' }]],
    [
      'a rule takes a part away',
      [
        { allow: true, access: 'rwm' },
        { allow: false, type: 'c', major: 10, access: 'r' },
      ],
    ],
    ['a minor of any major', [denyAll, { allow: true, type: 'c', minor: 3, access: 'r' }]],
  ])('left to the filter of the runtime where %s', (_name, devices) => {
    expect(deviceProperties({ devices })).toEqual(auto);
  });

  test('without a rule for everything the others are denied, and without any rule too', () => {
    expect(deviceProperties({ devices: [fuse] })[0]).toEqual(['DevicePolicy', ['s', 'strict']]);
    expect(deviceProperties({})).toEqual(deviceProperties({ devices: [denyAll] }));
  });

  test('no rules in an update, or no power to restrict, no properties', () => {
    expect(updatedProperties({}, unifiedHost)).toEqual([]);
    expect(updatedProperties({ devices: [denyAll] }, { ...unifiedHost, euid: 1000 })).toEqual([]);
    expect(updatedProperties({ devices: [denyAll] }, unifiedHost)).toHaveLength(3);
  });
});

test('what an update has told is put back from the files', () => {
  const files = {
    'memory.max': '67108864\n',
    'pids.max': 'max\n',
    'cpu.max': '20000 50000\n',
    'cpuset.cpus': '\n',
    'io.weight': 'default 100\n8:0 50\n',
    'hugetlb.2MB.max': 'max\n',
  };
  const [first, ...rest] = formerProperties(files, undefined, unifiedHost);
  expect(first).toEqual(['MemoryMax', ['t', 67108864n]]);
  expect(rest).toEqual([
    ['TasksMax', ['t', 2n ** 64n - 1n]],
    ['CPUQuotaPeriodUSec', ['t', 50000n]],
    ['CPUQuotaPerSecUSec', ['t', 400000n]],
    ['IOWeight', ['t', 100n]],
    ['AllowedCPUs', ['ay', new Uint8Array()]],
    ...deviceProperties({ devices: [{ allow: false }] }),
  ]);
  expect(formerProperties({}, [{ allow: false }], unifiedHost)[0]).toEqual(['DevicePolicy', ['s', 'strict']]);
});

describe('annotations', () => {
  const keyOf = (name: string): string => `org.systemd.property.${name}`;
  const parse = (name: string, text: string) => annotatedProperties({ [keyOf(name)]: text, other: 'x' }, [keyOf(name)]);

  test.each([
    ['CollectMode', "'inactive-or-failed'", 's', 'inactive-or-failed'],
    ['CollectMode', '"it\\"s"', 's', 'it"s'],
    ['SendSIGHUP', 'true', 'b', true],
    ['CPUWeight', 'uint64 250', 't', 250n],
    ['Nice', '-5', 'i', -5n],
    ['After', "['a.service', 'b.service']", 'as', ['a.service', 'b.service']],
    ['Numbers', '[uint32 1, 2]', 'au', [1n, 2n]],
    ['AllowedCPUs', '[byte 0x01, 2]', 'ay', Uint8Array.of(1, 2)],
  ])('%s=%s', (name, text, type, value) => {
    expect(parse(name, text)).toEqual([[name, [type, value]]]);
  });

  test.each([
    // Actions on the host, its other units, its files, its devices, its network, who owns the scope.
    ...['SuccessAction', 'FailureAction', 'JobTimeoutAction', 'StartLimitAction', 'RebootArgument'],
    ...[
      'Wants',
      'Requires',
      'Requisite',
      'BindsTo',
      'Upholds',
      'PartOf',
      'Conflicts',
      'OnSuccess',
      'OnFailure',
      'PropagatesStopTo',
      'JoinsNamespaceOf',
    ],
    ...['RequiresMountsFor', 'WantsMountsFor', 'ExecStartPre', 'ExecStart', 'BPFProgram', 'IPIngressFilterPath', 'NFTSet'],
    ...['DevicePolicy', 'DeviceAllow', 'IPAddressAllow', 'SocketBindAllow', 'RestrictNetworkInterfaces'],
    ...['User', 'Group', 'DelegateControllers', 'DelegateSubgroup', 'DisableControllers', 'Controller', 'constructor', 'toString'],
  ])('CVE-2024-3154 %s is set if the caller allows it by this very name', (name) => {
    const annotations = { [keyOf(name)]: "'x'" };
    for (const allowed of [[], [keyOf('')], [keyOf(`${name}s`)], [name]])
      expect(() => annotatedProperties(annotations, allowed)).toThrow(code('INVALID_ANNOTATION'));
    expect(annotatedProperties(annotations, [keyOf(name)])).toEqual([[name, ['s', 'x']]]);
  });

  test('what engines set is set, and what the configuration limits comes after it', () => {
    const annotations = {
      [keyOf('Delegate')]: 'true',
      [keyOf('DefaultDependencies')]: 'true',
      [keyOf('After')]: "['engine.service']",
      [keyOf('TimeoutStopSec')]: '11',
      [keyOf('CollectMode')]: "'inactive-or-failed'",
      [keyOf('MemoryMax')]: 'uint64 18446744073709551615',
      [keyOf('MemorySwapMax')]: 'uint64 0',
    };
    const spec = { ...smallSpec, annotations, linux: { ...smallSpec.linux, resources: { memory: { limit: 5000n } } } };
    const properties = scopeProperties(spec, 'x', scopePlace(undefined, 'x', false), unifiedHost);
    expect(Object.fromEntries(properties)).toMatchObject({
      Delegate: ['b', true],
      DefaultDependencies: ['b', true],
      After: ['as', ['engine.service']],
      TimeoutStopUSec: ['t', 11_000_000n],
      MemoryMax: ['t', 5000n],
      MemorySwapMax: ['t', 0n],
    });
  });

  test('seconds become microseconds', () => {
    expect(parse('TimeoutStopSec', '123')).toEqual([['TimeoutStopUSec', ['t', 123_000_000n]]]);
  });

  test.each([
    ['X', 'true'],
    ['Bad_Name', 'true'],
    ['Property', 'yes'],
    ['Property', "'open"],
    ['Property', "'a' 'b'"],
    ['Property', 'byte 256'],
    ['Property', 'uint32 -1'],
    ['Property', '[byte 1, 300]'],
    ['Property', "[1, 'a']"],
    ['Property', '[]'],
    ['Property', '99999999999'],
    ['Property', ''],
    ['TimeoutStopSec', "'5s'"],
    ['TimeoutStopSec', '-5'],
    ['PIDs', '[uint32 1]'],
    ['Delegate', 'false'],
  ])('%s=%s is refused', (name, text) => {
    expect(() => parse(name, text)).toThrow(code('INVALID_ANNOTATION'));
  });
});

test('the scope is started before anything is written', () => {
  const spec = { ...smallSpec, linux: { ...smallSpec.linux, cgroupsPath: 'a.slice:runts:x', resources: { pids: { limit: 5 } } } };
  const { steps, systemdUnit, cgroupPaths } = planCgroups({ spec, facts: unifiedHost, id: 'x', systemd: true });
  expect(steps[0]?.action).toMatchObject({ op: 'cgroup.scope', place: { name: 'runts-x.scope' }, directories: [cgroupPaths['']] });
  expect(systemdUnit).toEqual({ name: 'runts-x.scope', user: false });
  expect(cgroupPaths['']).toBe('/sys/fs/cgroup/a.slice/runts-x.scope');
});
