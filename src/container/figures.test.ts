import { expect, test } from 'vitest';
import { statsV1 } from './cgroups/stats-v1.ts';
import { statsV2 } from './cgroups/stats-v2.ts';
import { figuresOf } from './figures.ts';

const reader = (files: Readonly<Record<string, string>>) => (controller: string, file: string) =>
  files[controller === '' ? file : `${controller}/${file}`];

test('version 2', () => {
  const files = {
    'cpu.stat': 'usage_usec 5000\nuser_usec 1\nsystem_usec 2',
    'cpu.pressure': 'some avg10=1.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0',
    'memory.current': '1000',
    'memory.max': '4096',
    'memory.stat': 'inactive_file 300',
    'pids.current': '3',
    'pids.max': 'max',
    'io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=1 wbytes=0 rios=1 wios=0',
  };
  expect(figuresOf('a', statsV2(reader(files), []))).toEqual({
    id: 'a',
    cpuTime: 5000,
    memory: 700,
    memoryLimit: 4096,
    pids: 3,
    pressure: { cpu: 1.5 },
    readBytes: 11,
    writtenBytes: 20,
  });
});

test('version 1: the limit that is none, and what the tree can give back', () => {
  const files = {
    'cpuacct/cpuacct.usage': '7000000',
    'memory/memory.usage_in_bytes': '1000',
    'memory/memory.limit_in_bytes': '9223372036854771712',
    'memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 2000',
    'pids/pids.current': '1',
    'pids/pids.max': '20',
  };
  expect(figuresOf('a', statsV1(reader(files), []))).toMatchObject({ cpuTime: 7000, memory: 0, pids: 1, pidsLimit: 20 });
  expect(figuresOf('a', statsV1(reader(files), []))).not.toHaveProperty('memoryLimit');
});

test('without a cgroup nothing is known', () => {
  expect(figuresOf('a', statsV2(reader({}), []))).not.toHaveProperty('memory');
});
