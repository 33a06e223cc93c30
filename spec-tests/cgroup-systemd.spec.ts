import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { control, global, megabyte, scoped, show, systemd } from './harness/scope.ts';
import { update } from './harness/update.ts';

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
      await (await box.create(container.bundle, { global })).kill('KILL');
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
    'CLI-071 update of the swap limit alone is one of the scope, too: it counts from the memory limit that the container has',
    async (box) => {
      const { container, unit, directory } = await scoped(box, (config) => {
        config.linux.resources = { memory: { limit: 24 * megabyte } };
      });
      (await update(box, container, '--memory-swap', '40m')).ok();
      expect(control(directory, 'memory.swap.max')).toBe(String(16 * megabyte));
      // What a reload puts in force again.
      expect(await show(box, unit, 'MemorySwapMax')).toEqual([String(16 * megabyte)]);
      const refused = await update(box, container, '--memory-swap', '8m');
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('memory+swap limit should be >= memory limit');
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
