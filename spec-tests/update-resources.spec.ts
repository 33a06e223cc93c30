import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { limited, limits, megabyte, someLimits, update, updateWith, v1 } from './harness/update.ts';

describe('update by resources', () => {
  clause('CLI-072 JSON from stdin and from a file', async (box) => {
    const container = await limited(box, someLimits);
    (await updateWith(box, container, { pids: { limit: 41 }, memory: { limit: 65 * megabyte } })).ok();
    expect(container.control('pids', 'pids.max')).toBe('41');
    expect(container.control('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max')).toBe(String(65 * megabyte));
    const file = container.bundle.put('/resources.json', '{"pids":{"limit":42}}');
    (await update(box, container, `--resources=${file}`, '--pids-limit', '99')).ok();
    expect(container.control('pids', 'pids.max')).toBe('42');
  });

  clause('CLI-072 zeros, as docker sends for what stays, change nothing', async (box) => {
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
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
      const container = await limited(box, someLimits);
      (await updateWith(box, container, { unified: { 'memory.high': String(50 * megabyte), 'pids.max': '17' } })).ok();
      expect(container.control('', 'memory.high')).toBe(String(50 * megabyte));
      expect(container.control('', 'pids.max')).toBe('17');
    },
    'cgroup v2',
  );

  clause(
    'CLI-072 throttles of a device, set and put back',
    async (box) => {
      const container = await limited(box, someLimits);
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
