import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { addCapabilities, type Config } from './harness/config.ts';
import type { Container } from './harness/container.ts';

const systemd = '/run/systemd/system';
const megabyte = 1 << 20;
const global = ['--systemd-cgroup'];

/** A container in system.slice, and the name of its scope. */
async function scoped(
  box: Box,
  change: (config: Config) => void = () => {},
): Promise<{ container: Container; unit: string; directory: string }> {
  let unit = '';
  const bundle = box.bundle((config, { id }) => {
    config.linux.cgroupsPath = `system.slice:spec:${id}`;
    unit = `spec-${id}.scope`;
    change(config);
  });
  const container = await box.started(bundle, { global });
  return { container, unit, directory: join('/sys/fs/cgroup', 'system.slice', unit) };
}

async function show(box: Box, unit: string, ...properties: string[]): Promise<string[]> {
  const result = (await box.host(['systemctl', 'show', unit, '--value', ...properties.flatMap((name) => ['-p', name])])).ok();
  return result.stdout.trim().split('\n').filter(Boolean);
}

const control = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8').trim();

describe('the systemd driver', () => {
  clause(
    'CLI-006 CLI-117 slice:prefix:name is a scope in that slice, with the limits as properties',
    async (box) => {
      const { container, unit, directory } = await scoped(box, (config) => {
        config.linux.resources = {
          memory: { limit: 64 * megabyte },
          pids: { limit: 30 },
          cpu: { quota: 20_000, period: 50_000, cpus: '0' },
        };
      });
      expect(control(directory, 'cgroup.procs')).toBe(String(container.pid));
      expect(control(directory, 'memory.max')).toBe(String(64 * megabyte));
      expect(control(directory, 'cpu.max')).toBe('20000 50000');
      expect(control(directory, 'pids.max')).toBe('30');
      expect(await show(box, unit, 'Slice')).toEqual(['system.slice']);
      expect(await show(box, unit, 'Delegate')).toEqual(['yes']);
      expect(await show(box, unit, 'MemoryMax')).toEqual([String(64 * megabyte)]);
      expect(await show(box, unit, 'TasksMax')).toEqual(['30']);
      expect(await container.output('cat', '/proc/self/cgroup')).toContain(unit);
    },
    systemd,
    'cgroup v2',
  );

  clause(
    'CLI-117 LNX-117 memory.oom.group is the OOMPolicy of the scope where systemd has one, and stays when it reloads; so does cpu.idle',
    async (box) => {
      const { unit, directory } = await scoped(box, (config) => {
        config.linux.resources = { unified: { 'memory.oom.group': '1' }, cpu: { idle: 1 } };
      });
      const values = () => ['memory.oom.group', 'cpu.idle'].map((file) => control(directory, file));
      expect(values()).toEqual(['1', '1']);
      const version = Number(/^systemd (\d+)/.exec((await box.host(['systemctl', '--version'])).ok().stdout)?.[1]);
      expect(await show(box, unit, 'OOMPolicy')).toEqual(version >= 252 ? ['kill'] : []);
      (await box.host(['systemctl', 'daemon-reload'])).ok();
      expect(values()).toEqual(['1', '1']);
    },
    systemd,
    'cgroup v2',
    'runts',
  );

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
      (await box.host(['python3', join(import.meta.dirname, 'harness/fill_filters.py'), directory])).ok();
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

  clause(
    'CLI-118 annotations set properties of the unit',
    async (box) => {
      const { unit } = await scoped(box, (config) => {
        config.annotations = { 'org.systemd.property.TimeoutStopSec': '11', 'org.systemd.property.CollectMode': "'inactive-or-failed'" };
      });
      expect(await show(box, unit, 'TimeoutStopUSec')).toEqual(['11s']);
      expect(await show(box, unit, 'CollectMode')).toEqual(['inactive-or-failed']);
    },
    systemd,
  );

  clause(
    'RT-059 delete leaves no unit, also after an OOM kill, and the name can be used again',
    async (box) => {
      const { container, unit, directory } = await scoped(box, (config) => {
        config.linux.resources = { memory: { limit: 24 * megabyte } };
        config.process.args = ['probe', 'memory', '200'];
      });
      await container.reaches('stopped');
      (await container.delete()).ok();
      expect(existsSync(directory)).toBe(false);
      expect(await show(box, unit, 'LoadState')).toEqual(['not-found']);
      (await box.create(container.bundle, { global })).kill('KILL');
      await until('it has stopped', async () => (await container.status()) === 'stopped');
    },
    systemd,
    'probe',
    'cgroup v2',
  );

  clause(
    'CLI-041 LNX-082 run --keep: state tells of the OOM kill after systemd has removed the cgroup',
    async (box) => {
      let directory = '';
      const bundle = box.bundle((config, { id }) => {
        config.linux.cgroupsPath = `system.slice:spec:${id}`;
        directory = `/sys/fs/cgroup/system.slice/spec-${id}.scope`;
        config.linux.resources = { memory: { limit: 24 * megabyte, swap: 24 * megabyte } };
        config.process.args = ['sh', '-c', 'probe memory 200; exec sleep 1000'];
      });
      const running = box.launch([...global, 'run', '--keep', '--bundle', bundle.directory, bundle.id]);
      await until('the child is killed', () => existsSync(directory) && /^oom_kill 1$/m.test(control(directory, 'memory.events')));
      (await box.runtime(['kill', bundle.id, 'KILL'])).ok();
      expect((await running.exited).status).toBe(137);
      await until('systemd has removed the cgroup', () => !existsSync(directory));
      const state = (await box.runtime(['state', bundle.id])).ok().json();
      expect(state).toMatchObject({ status: 'stopped', exitStatus: 137, exitSignal: 9, oomKilled: true });
      expect(state['memoryPeak']).toBeGreaterThan(20 * megabyte);
      (await box.runtime(['delete', bundle.id])).ok();
    },
    systemd,
    'probe',
    'cgroup v2',
    'runts',
  );

  clause(
    'CLI-041 run --keep: the peak of a program that ends at once is known, though systemd removes the cgroup then',
    async (box) => {
      for (let round = 0; round < 5; round++) {
        const bundle = box.bundle((config, { id }) => {
          config.linux.cgroupsPath = `system.slice:spec:${id}`;
          config.process.args = ['sh', '-c', 'exit 3'];
        });
        expect((await box.run(bundle, { global, options: ['--keep'] })).status).toBe(3);
        const state = (await box.runtime(['state', bundle.id])).ok().json();
        expect(state).toMatchObject({ status: 'stopped', exitStatus: 3, oomKilled: false });
        expect(state['memoryPeak']).toBeGreaterThan(0);
        (await box.runtime(['delete', bundle.id])).ok();
      }
    },
    systemd,
    'cgroup v2',
    'runts',
  );

  clause(
    'CLI-029 delete --force stops a scope whose processes fork',
    async (box) => {
      const { container, unit } = await scoped(box, (config) => {
        config.process.args = ['sh', '-c', 'for i in 1 2 3; do (while :; do true | true; done) & done; wait'];
      });
      (await container.delete('--force')).ok();
      expect(await show(box, unit, 'LoadState')).toEqual(['not-found']);
    },
    systemd,
  );

  clause(
    'RT-033 a create that fails leaves no unit; a scope of that name that is in use stays',
    async (box) => {
      const bad = box.bundle((config, { id }) => {
        config.linux.cgroupsPath = `:spec:${id}`;
        config.process.args = ['/no/such/program'];
      });
      expect((await box.tryCreate(bad, { global })).status).toBe(1);
      expect(await show(box, `spec-${bad.id}.scope`, 'LoadState')).toEqual(['not-found']);
      const { container, unit } = await scoped(box);
      const twin = box.bundle((config) => {
        config.linux.cgroupsPath = container.bundle.config.linux.cgroupsPath as string;
      });
      const result = await box.tryCreate(twin, { global });
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/UnitExists|container's cgroup is not empty/);
      expect(await show(box, unit, 'ActiveState')).toEqual(['active']);
      expect(await container.status()).toBe('running');
    },
    systemd,
  );

  clause(
    'LNX-063 a cgroupsPath of another form, a bad slice and a bad annotation are refused',
    async (box) => {
      for (const cgroupsPath of ['/plain', 'a:b', 'noslice:b:c', '../x.slice:b:c']) {
        const bundle = box.bundle((config) => {
          config.linux.cgroupsPath = cgroupsPath;
        });
        expect((await box.tryCreate(bundle, { global })).status, cgroupsPath).toBe(1);
      }
      const bundle = box.bundle((config, { id }) => {
        config.linux.cgroupsPath = `:spec:${id}`;
        config.annotations = { 'org.systemd.property.TimeoutStopSec': 'soon' };
      });
      expect((await box.tryCreate(bundle, { global })).stderr).toContain('org.systemd.property.TimeoutStopSec');
      expect(box.leftovers()).toEqual([]);
    },
    systemd,
  );

  clause(
    'CLI-006 without a message bus systemd itself is asked',
    async (box) => {
      const through = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /run/dbus && exec "$@"', 'sh'];
      let unit = '';
      const bundle = box.bundle((config, { id }) => {
        config.linux.cgroupsPath = `system.slice:spec:${id}`;
        unit = `spec-${id}.scope`;
      });
      const container = await box.started(bundle, { global, through });
      expect(await show(box, unit, 'ActiveState')).toEqual(['active']);
      (await box.runtime(['update', '--memory', '80m', container.id], { through })).ok();
      expect(await show(box, unit, 'MemoryMax')).toEqual([String(80 * megabyte)]);
      (await box.runtime(['delete', '--force', container.id], { through })).ok();
      expect(await show(box, unit, 'LoadState')).toEqual(['not-found']);
    },
    systemd,
    'cgroup v2',
    'runts',
  );

  if (!existsSync(systemd)) {
    clause('CLI-006 without systemd the error says so', async (box) => {
      const bundle = box.bundle((config, { id }) => {
        config.linux.cgroupsPath = `:spec:${id}`;
      });
      const result = await box.tryCreate(bundle, { global });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('systemd not running on this host, cannot use systemd cgroups manager');
      expect(box.leftovers()).toEqual([]);
    });
  }
});
