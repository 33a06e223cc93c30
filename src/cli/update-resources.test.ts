import { expect, test } from 'vitest';
import { resourcesText } from './update-resources.ts';

type Flags = Parameters<typeof resourcesText>[0];
const text = (flags: Record<string, string>): string => resourcesText(flags as unknown as Flags);

test.each([
  [{}, '{}'],
  [{ memory: '512m', 'memory-swap': '-1' }, '{"memory":{"limit":536870912,"swap":-1}}'],
  [{ memory: '9223372036854771712' }, '{"memory":{"limit":9223372036854771712}}'],
  [{ memory: '4 GiB' }, '{"memory":{"limit":4294967296}}'],
  [{ 'cpu-quota': '-1', 'cpu-period': '100000', 'cpuset-cpus': '0-1' }, '{"cpu":{"period":100000,"quota":-1,"cpus":"0-1"}}'],
  [{ 'pids-limit': '0', 'blkio-weight': '300', 'kernel-memory': '1m' }, '{"blockIO":{"weight":300},"pids":{"limit":0}}'],
  [{ 'cpuset-mems': '0","x":"' }, '{"cpu":{"mems":"0\\",\\"x\\":\\""}}'],
])('%j', (flags, expected) => {
  expect(text(flags)).toBe(expected);
});

test.each([
  { memory: '-2' },
  { memory: '1.5g' },
  { memory: '' },
  { 'cpu-quota': '0x10' },
  { 'pids-limit': ' 5' },
  { 'cpu-share': '007' },
  { 'kernel-memory': 'x' },
])('%j is refused', (flags) => {
  expect(() => text(flags as Record<string, string>)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test('Intel RDT needs a configuration that has it', () => {
  expect(() => text({ 'mem-bw-schema': 'MB:0=20' })).toThrow(expect.objectContaining({ code: 'INTEL_RDT_MISSING' }));
});
