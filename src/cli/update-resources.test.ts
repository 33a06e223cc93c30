import { expect, test } from 'vitest';
import { resourcesText, schemataOf } from './update-resources.ts';

type Flags = Parameters<typeof resourcesText>[0];
const text = (flags: Record<string, string>): string => resourcesText(flags as unknown as Flags);

test.each([
  [{}, '{}'],
  [{ memory: '512m', 'memory-swap': '-1' }, '{"memory":{"limit":536870912,"swap":-1}}'],
  [{ memory: '9223372036854771712' }, '{"memory":{"limit":9223372036854771712}}'],
  [{ memory: '4 GiB' }, '{"memory":{"limit":4294967296}}'],
  [{ memory: '1.5g', 'memory-swap': '0.5' }, '{"memory":{"limit":1610612736,"swap":0}}'],
  [{ memory: '', 'cpu-quota': '', 'cpuset-cpus': '', 'kernel-memory': '', 'pids-limit': '5' }, '{"pids":{"limit":5}}'],
  [{ 'cpu-quota': '-1', 'cpu-period': '100000', 'cpuset-cpus': '0-1' }, '{"cpu":{"period":100000,"quota":-1,"cpus":"0-1"}}'],
  [{ 'pids-limit': '0', 'blkio-weight': '300', 'kernel-memory': '1m' }, '{"blockIO":{"weight":300},"pids":{"limit":0}}'],
  [
    { 'cpu-share': '00512', 'cpu-quota': '+0100', 'pids-limit': '0x_1f', 'blkio-weight': '0750' },
    '{"blockIO":{"weight":488},"cpu":{"quota":100,"shares":512},"pids":{"limit":31}}',
  ],
  [{ 'pids-limit': '-0b101', 'blkio-weight': '1_000' }, '{"blockIO":{"weight":1000},"pids":{"limit":-5}}'],
  [
    { memory: '64e6', 'memory-swap': '.5g', 'memory-reservation': '1_000_000' },
    '{"memory":{"limit":64000000,"reservation":1000000,"swap":536870912}}',
  ],
  [{ memory: '1.g', 'memory-swap': '+1k' }, '{"memory":{"limit":1073741824,"swap":1024}}'],
  [{ 'cpuset-mems': '0","x":"' }, '{"cpu":{"mems":"0\\",\\"x\\":\\""}}'],
])('%j', (flags, expected) => {
  expect(text(flags)).toBe(expected);
});

test.each([
  { memory: '-2' },
  { memory: '.g' },
  { memory: '0x10' },
  { memory: '9e99' },
  { 'cpu-quota': '0x10' },
  { 'pids-limit': ' 5' },
  { 'cpu-share': '+7' },
  { 'cpu-share': '-7' },
  { 'pids-limit': '1e3' },
  { 'pids-limit': '08' },
  { 'pids-limit': '1__0' },
  { 'pids-limit': '0b2' },
  { 'kernel-memory': 'x' },
])('%j is refused', (flags) => {
  expect(() => text(flags as Record<string, string>)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

const schemata = (flags: Record<string, string>) => schemataOf(flags as unknown as Flags);

test('cache and memory bandwidth are no limits of a cgroup', () => {
  const flags = { 'l3-cache-schema': 'L3:0=f;1=f', 'mem-bw-schema': 'MB:0=20' };
  expect(text(flags)).toBe('{}');
  expect(schemata(flags)).toEqual({ l3CacheSchema: 'L3:0=f;1=f', memBwSchema: 'MB:0=20' });
  expect(schemata({})).toEqual({});
});

test.each([{ 'l3-cache-schema': 'x' }, { 'mem-bw-schema': 'L3:0=f' }, { 'mem-bw-schema': 'MB:0=20\nL3:0=1' }])('%j is refused', (flags) => {
  expect(() => schemata(flags as Record<string, string>)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});
