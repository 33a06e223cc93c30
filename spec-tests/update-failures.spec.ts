import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { limited, limits, megabyte, someLimits, update, updateWith } from './harness/update.ts';

describe('update that fails', () => {
  clause('CLI-071 what is no object is an error that says so', async (box) => {
    const container = await limited(box);
    const result = await updateWith(box, container, []);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/array/);
    expect(result.stderr).not.toMatch(/invalid the document/);
  });

  clause('CLI-071 numbers that runc does not read are errors', async (box) => {
    const container = await limited(box, someLimits);
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
    const container = await limited(box, someLimits);
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
      const container = await limited(box, someLimits);
      const result = await update(box, container, '--memory', '200m');
      expect(result.status).toBe(1);
      expect(result.stderr).toContain(String(96 * megabyte));
    },
    'cgroup v1',
    '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes',
  );
});
