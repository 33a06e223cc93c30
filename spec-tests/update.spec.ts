import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { limited, limits, megabyte, someLimits, update, updateWith, v1 } from './harness/update.ts';

describe('update by flags', () => {
  clause('CLI-071 memory, memory and swap, reservation', async (box) => {
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
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

  clause(
    'CLI-071 cpu burst, both ways, and idle',
    async (box) => {
      const container = await limited(box, someLimits);
      const burst = v1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst';
      (await update(box, container, '--cpu-burst', '30000', '--cpu-quota', '40000')).ok();
      expect(container.control('cpu', burst)).toBe('30000');
      (await update(box, container, '--cpu-burst', '5000', '--cpu-quota', '10000')).ok();
      expect(container.control('cpu', burst)).toBe('5000');
      (await update(box, container, '--cpu-idle', '1')).ok();
      expect(container.control('cpu', 'cpu.idle')).toBe('1');
      (await update(box, container, '--cpu-idle', '0')).ok();
      expect(container.control('cpu', 'cpu.idle')).toBe('0');
    },
    'Linux 5.15',
  );

  clause('CLI-071 pids', async (box) => {
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
    const before = limits(container);
    (await update(box, container, '--memory=', '--cpu-quota=', '--cpuset-cpus=', '--memory-reservation=', '--pids-limit=33')).ok();
    expect(limits(container)).toEqual({ ...before, 'pids.max': '33' });
    (await update(box, container, '--memory=62.5m')).ok();
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(62.5 * megabyte));
  });

  clause('CLI-071 a weight outside its range is refused', async (box) => {
    const container = await limited(box, someLimits);
    expect((await update(box, container, '--blkio-weight=1001')).status).toBe(1);
  });
});

describe('numbers of update', () => {
  clause('CLI-071 are read as runc reads them', async (box) => {
    const container = await limited(box, someLimits);
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
