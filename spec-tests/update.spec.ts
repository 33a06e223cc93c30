import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import { until } from './harness/command.ts';
import type { Resources } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { cgroupMode } from './harness/suite.ts';

const v1 = cgroupMode === 'v1';
const megabyte = 1 << 20;

function limited(box: Box, resources: Resources = {}, args = ['sleep', '1000']): Promise<Container> {
  return box.started(
    box.bundle((config) => {
      config.linux.resources = resources;
      config.process.args = args;
    }),
  );
}

const update = (box: Box, { id }: Container, ...flags: string[]): Promise<Result> => box.runtime(['update', ...flags, id]);

/** update --resources - with this on stdin. */
const updateWith = (box: Box, { id }: Container, resources: unknown): Promise<Result> =>
  box.runtime(['update', '--resources', '-', id], { input: JSON.stringify(resources) });

/** Every control file of the container that can be read, but for counters. */
function limits(container: Container): Record<string, string> {
  const controllers = v1 ? ['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'devices'] : [''];
  const found: Record<string, string> = {};
  for (const controller of controllers) {
    const directory = container.cgroup(controller);
    for (const name of readdirSync(directory)) {
      if (!/(max|low|high|min|weight|limit_in_bytes|shares|quota_us|period_us|burst_us|cpus|mems|idle|list|_device|swappiness)$/.test(name))
        continue;
      const content = readable(join(directory, name));
      // The order of device rules means nothing.
      found[name] = name === 'devices.list' ? content.split('\n').sort().join('\n') : content;
    }
  }
  return found;
}

/** Some files of limits that are gone can only be written. */
function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

const first = {
  memory: { limit: 64 * megabyte, swap: 96 * megabyte, reservation: 32 * megabyte },
  cpu: { shares: 512, quota: 20_000, period: 50_000, cpus: '0', mems: '0' },
  pids: { limit: 20 },
};

describe('update by flags', () => {
  clause('CLI-071 memory, memory and swap, reservation', async (box) => {
    const container = await limited(box, first);
    (await update(box, container, '--memory', '80m', '--memory-swap', '120m', '--memory-reservation', '40MB')).ok();
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(80 * megabyte));
    expect(container.control('memory', v1 ? 'memory.soft_limit_in_bytes' : 'memory.low')).toBe(String(40 * megabyte));
    const swap = v1 ? ['memory.memsw.limit_in_bytes', 120] : ['memory.swap.max', 40];
    expect(container.control('memory', swap[0] as string)).toBe(String((swap[1] as number) * megabyte));
    // Both down again: on cgroup v1 the other order.
    (await update(box, container, '--memory', '16m', '--memory-swap', '24m')).ok();
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(16 * megabyte));
    expect(container.control('memory', swap[0] as string)).toBe(String((v1 ? 24 : 8) * megabyte));
    (await update(box, container, '--memory-swap', '32m')).ok();
    expect(container.control('memory', swap[0] as string)).toBe(String((v1 ? 32 : 16) * megabyte));
    (await update(box, container, '--memory', '-1')).ok();
    const unlimited = container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max');
    expect(unlimited === 'max' || Number(unlimited) > 2 ** 60).toBe(true);
  });

  clause('CLI-071 cpu: shares, quota, period, cpus and memory nodes', async (box) => {
    const container = await limited(box, first);
    (await update(box, container, '--cpu-share', '1024', '--cpuset-cpus', '0', '--cpuset-mems', '0')).ok();
    expect(container.control('cpu', v1 ? 'cpu.shares' : 'cpu.weight')).toBe(v1 ? '1024' : '100');
    const bandwidth = () =>
      v1
        ? `${container.control('cpu', 'cpu.cfs_quota_us')} ${container.control('cpu', 'cpu.cfs_period_us')}`
        : container.control('', 'cpu.max');
    (await update(box, container, '--cpu-quota', '30000')).ok();
    expect(bandwidth()).toBe('30000 50000');
    (await update(box, container, '--cpu-period', '80000')).ok();
    expect(bandwidth()).toBe('30000 80000');
    (await update(box, container, '--cpu-period', '10000', '--cpu-quota', '4000')).ok();
    expect(bandwidth()).toBe('4000 10000');
    (await update(box, container, '--cpu-quota', '-1')).ok();
    expect(bandwidth()).toBe(v1 ? '-1 10000' : 'max 10000');
    expect(container.control('cpuset', 'cpuset.cpus')).toBe('0');
    expect(container.control('cpuset', 'cpuset.mems')).toBe('0');
  });

  clause('CLI-071 cpu burst, both ways, and idle', async (box) => {
    const container = await limited(box, first);
    const burst = v1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst';
    (await update(box, container, '--cpu-burst', '30000', '--cpu-quota', '40000')).ok();
    expect(container.control('cpu', burst)).toBe('30000');
    (await update(box, container, '--cpu-burst', '5000', '--cpu-quota', '10000')).ok();
    expect(container.control('cpu', burst)).toBe('5000');
    (await update(box, container, '--cpu-idle', '1')).ok();
    expect(container.control('cpu', 'cpu.idle')).toBe('1');
    (await update(box, container, '--cpu-idle', '0')).ok();
    expect(container.control('cpu', 'cpu.idle')).toBe('0');
  });

  clause('CLI-071 pids', async (box) => {
    const container = await limited(box, first);
    (await update(box, container, '--pids-limit', '7')).ok();
    expect(container.control('pids', 'pids.max')).toBe('7');
    (await update(box, container, '--pids-limit', '0')).ok();
    expect(container.control('pids', 'pids.max')).toBe('7');
    (await updateWith(box, container, { pids: { limit: 0 } })).ok();
    expect(container.control('pids', 'pids.max')).toBe('7');
    (await update(box, container, '--pids-limit', '-1')).ok();
    expect(container.control('pids', 'pids.max')).toBe('max');
    (await updateWith(box, container, { pids: { limit: 8 } })).ok();
    (await updateWith(box, container, { pids: { limit: -1 } })).ok();
    expect(container.control('pids', 'pids.max')).toBe('max');
  });

  clause(
    'CLI-071 the new limit binds',
    async (box) => {
      const container = await limited(box, { pids: { limit: 20 } }, [
        'sh',
        '-c',
        'while [ ! -e /go ]; do usleep 20000; done; probe children 10',
      ]);
      (await update(box, container, '--pids-limit', '5')).ok();
      // Not by exec: a runtime of several threads may not find room in the cgroup any more.
      container.bundle.put('/go', '');
      expect(Number(await container.prints(/\d+/))).toBeLessThan(5);
    },
    'probe',
  );

  clause('CLI-071 what is not named stays', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    (await update(box, container, '--pids-limit', '33')).ok();
    expect(limits(container)).toEqual({ ...before, 'pids.max': '33' });
    (await update(box, container)).ok();
    expect(limits(container)).toEqual({ ...before, 'pids.max': '33' });
  });

  clause('CLI-071 created and paused containers too, a stopped one not', async (box) => {
    const container = await box.create(box.bundle());
    (await update(box, container, '--pids-limit', '11')).ok();
    await container.start();
    (await box.runtime(['pause', container.id])).ok();
    (await update(box, container, '--pids-limit', '12')).ok();
    expect(container.control('pids', 'pids.max')).toBe('12');
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    const result = await update(box, container, '--pids-limit', '13');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('container not running');
  });

  clause('CLI-071 values that are none are refused', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    for (const flags of [
      '--memory=12x',
      '--cpu-quota=1e5',
      '--cpu-idle=2',
      '--cpuset-cpus=a',
      '--l3-cache-schema=x',
      '--mem-bw-schema=MB:0=50',
    ]) {
      expect((await update(box, container, flags)).status, flags).not.toBe(0);
    }
    expect(limits(container)).toEqual(before);
  });
});

describe('update by flags that are odd', () => {
  clause('CLI-071 an empty value is none, and a size may have a fraction', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    (await update(box, container, '--memory=', '--cpu-quota=', '--cpuset-cpus=', '--memory-reservation=', '--pids-limit=33')).ok();
    expect(limits(container)).toEqual({ ...before, 'pids.max': '33' });
    (await update(box, container, '--memory=62.5m')).ok();
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(62.5 * megabyte));
  });

  clause('CLI-071 a weight outside its range is refused', async (box) => {
    const container = await limited(box, first);
    expect((await update(box, container, '--blkio-weight=1001')).status).toBe(1);
  });
});

describe('update by resources', () => {
  clause('CLI-072 JSON from stdin and from a file', async (box) => {
    const container = await limited(box, first);
    (await updateWith(box, container, { pids: { limit: 41 }, memory: { limit: 65 * megabyte } })).ok();
    expect(container.control('pids', 'pids.max')).toBe('41');
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(65 * megabyte));
    const file = container.bundle.put('/resources.json', '{"pids":{"limit":42}}');
    (await update(box, container, `--resources=${file}`, '--pids-limit', '99')).ok();
    expect(container.control('pids', 'pids.max')).toBe('42');
  });

  clause('CLI-072 zeros, as docker sends for what stays, change nothing', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    const zeros = {
      memory: { limit: 0, reservation: 0, kernel: 0 },
      cpu: { shares: 0, quota: 0, period: 0, cpus: '', mems: '' },
      blockIO: { weight: 0 },
    };
    (await updateWith(box, container, zeros)).ok();
    expect(limits(container)).toEqual(before);
  });

  clause('CLI-071 devices stay unless rules are given; then the rules bind at once', async (box) => {
    const container = await limited(box, {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
      ],
    });
    const list = () => (v1 ? container.control('devices', 'devices.list') : '');
    const before = list();
    (await update(box, container, '--pids-limit', '50')).ok();
    expect(list()).toBe(before);
    (await updateWith(box, container, { devices: [{ allow: false, access: 'rwm' }] })).ok();
    if (v1) expect(list()).not.toContain('10:229');
    expect((await container.exec(['sh', '-c', ': > /dev/null'])).status).toBe(0);
  });

  clause(
    'CLI-071 filters replace each other: a cgroup holds 64 programs at the most',
    async (box) => {
      const container = await limited(box, { devices: [{ allow: false, access: 'rwm' }] });
      const input = JSON.stringify({ devices: [{ allow: false, access: 'rwm' }] });
      for (let round = 0; round < 66; round++) (await box.runtime(['update', '-r', '-', container.id], { input })).ok();
    },
    'cgroup v2',
  );

  clause('CLI-072 what is no JSON, or no resources, is refused', async (box) => {
    const container = await limited(box, first);
    for (const input of ['', '{', '[]', '{"pids":{"limit":"x"}}', '{"memory":{"limit":1048576,"swap":4096}}']) {
      expect((await box.runtime(['update', '-r', '-', container.id], { input })).status, input).toBe(1);
    }
    expect((await update(box, container, '-r', '/no/such/file')).stderr).toContain('no such file');
  });

  clause(
    'CLI-072 LNX-090 LNX-091 checkBeforeUpdate refuses a limit below the usage',
    async (box) => {
      const container = await limited(box, { memory: { limit: 64 * megabyte } }, ['sh', '-c', 'probe memory 20 & sleep 1000']);
      const usage = v1 ? 'memory.usage_in_bytes' : 'memory.current';
      await container.prints(/touched/).catch(() => undefined);
      await until('memory in use', () => Number(container.control('memory', usage)) > 65536);
      const result = await updateWith(box, container, { memory: { limit: 4096, checkBeforeUpdate: true } });
      expect(result.stderr).toMatch(/rejecting memory limit 4096 <= usage \d+/);
      expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(64 * megabyte));
      expect(await container.status()).toBe('running');
    },
    'probe',
  );

  clause(
    'CLI-072 unified files',
    async (box) => {
      const container = await limited(box, first);
      (await updateWith(box, container, { unified: { 'memory.high': String(50 * megabyte), 'pids.max': '17' } })).ok();
      expect(container.control('', 'memory.high')).toBe(String(50 * megabyte));
      expect(container.control('', 'pids.max')).toBe('17');
    },
    'cgroup v2',
  );

  clause(
    'CLI-072 throttles of a device, set and put back',
    async (box) => {
      const container = await limited(box, first);
      const throttle = {
        throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 1_000_000 }],
        throttleWriteIOPSDevice: [{ major: 254, minor: 0, rate: 300 }],
      };
      (await updateWith(box, container, { blockIO: throttle })).ok();
      expect(container.control('blkio', 'blkio.throttle.read_bps_device')).toBe('254:0 1000000');
      expect(container.control('blkio', 'blkio.throttle.write_iops_device')).toBe('254:0 300');
      const before = limits(container);
      const more = {
        throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 5 }],
        throttleWriteBpsDevice: [
          { major: 254, minor: 0, rate: 5 },
          { major: 4000, minor: 9, rate: 5 },
        ],
      };
      expect((await updateWith(box, container, { blockIO: more })).status).toBe(1);
      expect(limits(container)).toEqual(before);
    },
    'cgroup v1',
    '/sys/block/vda',
  );
});

describe('numbers of update', () => {
  clause('CLI-071 are read as runc reads them', async (box) => {
    const container = await limited(box, first);
    const right = [
      ['--cpu-share', '0768', v1 ? ['cpu', 'cpu.shares', '768'] : undefined],
      ['--cpu-quota', '+30000', v1 ? ['cpu', 'cpu.cfs_quota_us', '30000'] : ['', 'cpu.max', '30000 50000']],
      ['--pids-limit', '0x1f', [v1 ? 'pids' : '', 'pids.max', '31']],
      ['--pids-limit', '010', [v1 ? 'pids' : '', 'pids.max', '8']],
      ['--pids-limit', '1_0', [v1 ? 'pids' : '', 'pids.max', '10']],
      ['--memory', '40.96e6', v1 ? ['memory', 'memory.limit_in_bytes', '40960000'] : ['', 'memory.max', '40960000']],
      ['--memory', '.03125g', v1 ? ['memory', 'memory.limit_in_bytes', '33554432'] : ['', 'memory.max', '33554432']],
    ] as const;
    for (const [flag, value, expected] of right) {
      (await update(box, container, flag, value)).ok();
      if (expected) expect(container.control(expected[0], expected[1]), `${flag} ${value}`).toBe(expected[2]);
    }
  });
});

describe('update that fails', () => {
  clause('CLI-071 what is no object is an error that says so', async (box) => {
    const container = await limited(box);
    const result = await updateWith(box, container, []);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/array/);
    expect(result.stderr).not.toMatch(/invalid the document/);
  });

  clause('CLI-071 numbers that runc does not read are errors', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    const wrong = [
      ['--cpu-share', '0x200'],
      ['--cpu-share', '+512'],
      ['--cpu-share', '1_024'],
      ['--cpu-quota', '1e4'],
      ['--pids-limit', '1e3'],
      ['--memory', '0x4000000'],
      ['--memory', ' 64m'],
    ] as const;
    for (const [flag, value] of wrong) expect((await update(box, container, flag, value)).status, `${flag} ${value}`).toBe(1);
    expect(limits(container)).toEqual(before);
  });

  clause('CLI-071 a value that the kernel refuses in the middle leaves every limit as it was', async (box) => {
    const container = await limited(box, first);
    const before = limits(container);
    const result = await updateWith(box, container, {
      memory: { limit: 70 * megabyte, swap: 99 * megabyte, reservation: 9 * megabyte },
      cpu: { shares: 777, quota: 11_000, period: 22_000, cpus: '4095' },
      pids: { limit: 3 },
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('cpuset.cpus');
    expect(limits(container)).toEqual(before);
  });

  clause('CLI-071 device rules are put back too', async (box) => {
    const container = await limited(box, {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
      ],
    });
    const before = limits(container);
    const result = await updateWith(box, container, { devices: [{ allow: false, access: 'rwm' }], cpu: { cpus: '4095' } });
    expect(result.status).toBe(1);
    expect(limits(container)).toEqual(before);
  });

  clause(
    'CLI-071 a memory limit above memory plus swap names what stands in the way',
    async (box) => {
      const container = await limited(box, first);
      const result = await update(box, container, '--memory', '200m');
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(String(96 * megabyte));
    },
    'cgroup v1',
    '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes',
  );
});
