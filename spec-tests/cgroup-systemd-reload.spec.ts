import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { addCapabilities } from './harness/config.ts';
import { control, megabyte, scoped, show, systemd } from './harness/scope.ts';

describe('the systemd driver when systemd reloads', () => {
  clause(
    'CLI-117 limits and devices stay as they are when systemd reloads',
    async (box) => {
      const { container, directory } = await scoped(box, (config) => {
        config.linux.resources = { memory: { limit: 64 * megabyte }, devices: [{ allow: false, access: 'rwm' }] };
      });
      (await box.runtime(['update', '--memory', '80m', '--pids-limit', '44', container.id])).ok();
      (await box.host(['systemctl', 'daemon-reload'])).ok();
      expect(control(directory, 'memory.max')).toBe(String(80 * megabyte));
      expect(control(directory, 'pids.max')).toBe('44');
      expect((await container.exec(['sh', '-c', ': > /dev/null'])).status).toBe(0);
    },
    systemd,
    'cgroup v2',
  );

  clause(
    'CLI-117 systemd knows the device rules, and keeps to them when it reloads and after update',
    async (box) => {
      const kmsg = { allow: true, type: 'c', major: 1, minor: 11, access: 'rwm' };
      const { container, unit } = await scoped(box, (config) => {
        config.linux.resources = { devices: [{ allow: false, access: 'rwm' }, kmsg] };
        addCapabilities(config, 'CAP_MKNOD');
        config.process.args = ['sh', '-c', 'mknod /dev/fuse c 10 229 && mknod /dev/kmsg c 1 11 && exec sleep 1000'];
      });
      await until('the devices are made', async () => (await container.exec(['ls', '/dev/kmsg'])).status === 0);
      const opens = async (device: string): Promise<boolean> => (await container.exec(['sh', '-c', `: > /dev/${device}`])).status === 0;
      expect(await show(box, unit, 'DevicePolicy')).toEqual(['strict']);
      expect(await show(box, unit, 'DeviceAllow')).toContain('/dev/char/1:11 rwm');
      (await box.host(['systemctl', 'daemon-reload'])).ok();
      expect([await opens('kmsg'), await opens('fuse'), await opens('null')]).toEqual([true, false, true]);
      const devices = [
        { allow: false, access: 'rwm' },
        { ...kmsg, major: 10, minor: 229 },
      ];
      (await box.runtime(['update', '--resources', '-', container.id], { input: JSON.stringify({ devices }) })).ok();
      expect(await show(box, unit, 'DeviceAllow')).not.toContain('/dev/char/1:11 rwm');
      expect([await opens('kmsg'), await opens('fuse'), await opens('null')]).toEqual([false, true, true]);
      (await box.host(['systemctl', 'daemon-reload'])).ok();
      expect([await opens('kmsg'), await opens('fuse'), await opens('null')]).toEqual([false, true, true]);
    },
    systemd,
    'cgroup v2',
    'runts',
  );

  clause(
    'CLI-071 an update whose filter cannot be attached leaves limits and properties as they were',
    async (box) => {
      const { container, unit, directory } = await scoped(box, (config) => {
        config.linux.resources = {
          memory: { limit: 64 * megabyte },
          pids: { limit: 30 },
          devices: [
            { allow: false, access: 'rwm' },
            { allow: true, type: 'c', major: 1, minor: 11, access: 'rwm' },
          ],
        };
      });
      const known = () => show(box, unit, 'MemoryMax', 'TasksMax', 'AllowedCPUs', 'DevicePolicy', 'DeviceAllow');
      const before = await known();
      (await box.host(['/usr/bin/python3', join(import.meta.dirname, 'harness/fill_filters.py'), directory])).ok();
      const input = JSON.stringify({
        memory: { limit: 80 * megabyte },
        pids: { limit: 40 },
        cpu: { cpus: '0' },
        devices: [{ allow: false, access: 'rwm' }],
      });
      const result = await box.runtime(['update', '--resources', '-', container.id], { input });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('BPF_PROG_ATTACH');
      expect(await known()).toEqual(before);
      const limits = () => ['memory.max', 'pids.max', 'cpuset.cpus'].map((file) => control(directory, file));
      expect(limits()).toEqual([String(64 * megabyte), '30', '']);
      (await box.host(['systemctl', 'daemon-reload'])).ok();
      expect(limits()).toEqual([String(64 * megabyte), '30', '']);
    },
    systemd,
    'cgroup v2',
    'runts',
  );
});
