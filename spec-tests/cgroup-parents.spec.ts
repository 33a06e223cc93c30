import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Result } from './harness/command.ts';
import { addCapabilities, type Resources } from './harness/config.ts';
import { cgroupDirectory } from './harness/container.ts';
import { cgroupMode, cgroupMounts } from './harness/suite.ts';

const v1 = cgroupMode === 'v1';

/** A cgroup made by hand, to put containers below. */
interface Parent {
  readonly name: string;
  readonly directory: string;
  /** The bundle of a container below it, with these resources. */
  bundle(resources: Resources): ReturnType<Box['bundle']>;
}

/** Makes a parent in the hierarchy of a controller, and removes it when the body is done. */
async function below(
  box: Box,
  controller: string,
  files: Readonly<Record<string, string>>,
  body: (parent: Parent) => Promise<void>,
): Promise<void> {
  const name = box.bundle().id;
  const directory = cgroupDirectory(v1 ? controller : '', `/${name}`);
  mkdirSync(directory);
  const bundle = (resources: Resources) =>
    box.bundle((config) => {
      addCapabilities(config, 'CAP_MKNOD');
      config.linux.cgroupsPath = `/${name}/${config.linux.cgroupsPath?.slice(1)}`;
      config.linux.resources = resources;
      config.linux.devices = [{ type: 'c', path: '/dev/node', major: 10, minor: 229, fileMode: 0o666 }];
      config.process.args = ['sleep', '1000'];
    });
  try {
    for (const [file, value] of Object.entries(files)) writeFileSync(join(directory, file), value);
    await body({ name, directory, bundle });
  } finally {
    if (files['freezer.state']) writeFileSync(join(directory, 'freezer.state'), 'THAWED');
    if (files['cgroup.freeze']) writeFileSync(join(directory, 'cgroup.freeze'), '0');
    // runc leaves the directories that it has made above the container's, crun also the container's when it fails.
    for (const each of cgroupMounts().map((mount) => join(mount, name))) removeEmpty(each);
  }
}

/** Removes a cgroup without processes, and what is below it. */
function removeEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) removeEmpty(join(directory, entry.name));
  rmdirSync(directory);
}

async function refusal(box: Box, parent: Parent, resources: Resources): Promise<Result> {
  const result = await box.tryCreate(parent.bundle(resources));
  expect(result.status).toBe(1);
  return result;
}

const denyAll = { allow: false, access: 'rwm' };
const fuse = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' };
/** What an outer engine lets its containers use: without tun. */
const outer = ['c *:* m', 'b *:* m', ...[3, 5, 7, 8, 9].map((minor) => `c 1:${minor} rwm`), 'c 5:0 rwm', 'c 5:2 rwm', 'c 136:* rwm'];

/** A parent whose devices are these alone. */
function restricted(box: Box, allowed: readonly string[], body: (parent: Parent) => Promise<void>): Promise<void> {
  return below(box, 'devices', {}, async (parent) => {
    writeFileSync(join(parent.directory, 'devices.deny'), 'a');
    for (const rule of allowed) writeFileSync(join(parent.directory, 'devices.allow'), rule);
    await body(parent);
  });
}

describe('devices that the parent forbids', () => {
  clause(
    'LNX-075 what every container may use is left out where the parent forbids it, and no configuration asks for it',
    (box) =>
      restricted(box, outer, async (parent) => {
        for (const devices of [[denyAll], []]) {
          const container = await box.started(parent.bundle({ devices }));
          const list = container.control('devices', 'devices.list').split('\n').sort();
          expect(list).toEqual([...outer].sort());
          expect((await container.exec(['sh', '-c', ': > /dev/null && head -c 2 /dev/zero | wc -c'])).stdout).toBe('2\n');
          (await box.runtime(['update', '--pids-limit', '50', container.id])).ok();
          (await container.delete('--force')).ok();
        }
      }),
    'cgroup v1',
  );

  clause(
    'LNX-075 a rule of the configuration that the parent forbids names it, and what it allows',
    (box) =>
      restricted(box, outer, async (parent) => {
        const { stderr } = await refusal(box, parent, { devices: [denyAll, fuse] });
        expect(stderr).toMatch(/write "c 10:229 rwm" to devices\.allow: .*operation not permitted/);
        expect(stderr).toContain(`the parent cgroup ${parent.directory} does not allow c 10:229 rwm`);
        expect(stderr).toContain('it allows c *:* m, b *:* m, c 1:3 rwm');
        expect(stderr).toContain('/linux/resources/devices');
        const all = await refusal(box, parent, { devices: [{ allow: true, access: 'rwm' }] });
        expect(all.stderr).toContain('does not allow every device');
        expect(box.leftovers()).toEqual([`cgroup ${parent.directory}`]);
      }),
    'runts',
    'cgroup v1',
  );

  clause(
    'LNX-075 a part of a permission is given where the configuration asks for that part alone',
    (box) =>
      restricted(box, [...outer, 'c 10:200 r'], async (parent) => {
        const container = await box.started(parent.bundle({ devices: [denyAll, { ...fuse, minor: 200, access: 'r' }] }));
        expect(container.control('devices', 'devices.list').split('\n')).toContain('c 10:200 r');
        (await container.delete('--force')).ok();
      }),
    'runts',
    'cgroup v1',
  );

  clause(
    'LNX-075 CLI-072 an update that the parent forbids names it, and changes nothing',
    (box) =>
      restricted(box, outer, async (parent) => {
        const container = await box.started(parent.bundle({ devices: [denyAll] }));
        const before = container.control('devices', 'devices.list');
        const input = JSON.stringify({ devices: [denyAll, fuse] });
        const result = await box.runtime(['update', '-r', '-', container.id], { input });
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`the parent cgroup ${parent.directory} does not allow c 10:229 rwm`);
        expect(container.control('devices', 'devices.list')).toBe(before);
        const same = await box.runtime(['update', '-r', '-', container.id], { input: JSON.stringify({ devices: [denyAll] }) });
        same.ok();
        expect(container.control('devices', 'devices.list')).toBe(before);
        (await container.delete('--force')).ok();
      }),
    'runts',
    'cgroup v1',
  );
});

describe('a parent that has less', () => {
  clause(
    'LNX-093 LNX-095 a quota above the parent names it, its quota, and the most that is possible',
    (box) =>
      below(box, 'cpu', { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '20000' }, async (parent) => {
        const quota = await refusal(box, parent, { cpu: { quota: 30_000, period: 50_000 } });
        expect(quota.stderr).toMatch(/cpu\.cfs_quota_us to 30000: .*invalid argument/);
        expect(quota.stderr).toContain(`the parent cgroup ${parent.directory} has a quota of 20000 µs per period of 100000 µs`);
        expect(quota.stderr).toContain('with a period of 50000 µs at most 10000 µs are possible');
        expect(quota.stderr).toContain('/linux/resources/cpu/quota');
        const container = await box.started(parent.bundle({ cpu: { quota: 10_000, period: 50_000 } }));
        const period = await box.runtime(['update', '--cpu-period', '20000', container.id]);
        expect(period.stderr).toContain('with a period of 20000 µs at most 4000 µs are possible');
        const tiny = await box.runtime(['update', '--cpu-quota', '1', container.id]);
        expect([tiny.status, tiny.stderr.includes('parent')]).toEqual([1, false]);
        (await container.delete('--force')).ok();
      }),
    'runts',
    'cgroup v1',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  );

  clause(
    'LNX-096 a realtime runtime that the parent does not have names it',
    (box) =>
      below(box, 'cpu', {}, async (parent) => {
        const { stderr } = await refusal(box, parent, { cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 5000 } });
        expect(stderr).toContain(`the parent cgroup ${parent.directory} has a realtime runtime of 0 µs per period of 1000000 µs`);
        expect(stderr).toContain('with a period of 1000000 µs at most 0 µs are possible');
        expect(box.leftovers()).toEqual([`cgroup ${parent.directory}`]);
      }),
    'runts',
    'cgroup v1',
    '/sys/fs/cgroup/cpu/cpu.rt_runtime_us',
  );

  clause(
    'LNX-098 LNX-099 a cpuset outside of that of the parent names it and what it has',
    (box) =>
      below(box, 'cpuset', { 'cpuset.cpus': '0', 'cpuset.mems': '0' }, async (parent) => {
        const { stderr } = await refusal(box, parent, { cpu: { cpus: '1' } });
        expect(stderr).toMatch(/cpuset\.cpus to 1: .*permission denied/);
        expect(stderr).toContain(`the parent cgroup ${parent.directory} has only the CPUs 0`);
        expect(stderr).toContain('/linux/resources/cpu/cpus');
        expect(box.leftovers()).toEqual([`cgroup ${parent.directory}`]);
      }),
    'runts',
    'cgroup v1',
    'two CPUs',
  );

  clause(
    'LNX-098 LNX-099 a cpuset outside of the machine says what there is',
    async (box) => {
      const cpus = readFileSync(join(cgroupDirectory('cpuset', '/'), v1 ? 'cpuset.cpus' : 'cpuset.cpus.effective'), 'utf8').trim();
      const create = (cpu: Resources['cpu']): Promise<Result> =>
        box.tryCreate(
          box.bundle((config) => {
            config.linux.resources = cpu === undefined ? {} : { cpu };
          }),
        );
      expect((await create({ cpus: '4095' })).stderr).toContain(`there are only the CPUs ${cpus}`);
      expect((await create({ cpus: '0', mems: '512' })).stderr).toContain('there are only the memory nodes 0');
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});

describe('a parent that takes no processes', () => {
  clause(
    'LNX-058 a frozen cgroup above is named; create does not wait for it',
    (box) => {
      const frozen: Readonly<Record<string, string>> = v1 ? { 'freezer.state': 'FROZEN' } : { 'cgroup.freeze': '1' };
      return below(box, 'freezer', frozen, async (parent) => {
        const { stderr } = await refusal(box, parent, {});
        expect(stderr).toContain(`container's cgroup unexpectedly frozen: the cgroup ${parent.directory} above it is frozen`);
        expect(stderr).toContain(`thaw ${parent.directory}, or give the container another cgroupsPath`);
        expect(box.leftovers()).toEqual([`cgroup ${parent.directory}`]);
      });
    },
    'runts',
  );

  clause(
    'LNX-064 a threaded cgroup above is named with its type where a limit is not for threads',
    (box) =>
      below(box, '', {}, async (parent) => {
        const threaded = join(parent.directory, 'threaded');
        mkdirSync(threaded);
        writeFileSync(join(threaded, 'cgroup.type'), 'threaded');
        const bundle = parent.bundle({ memory: { limit: 100 << 20 } });
        bundle.config.linux.cgroupsPath = `/${parent.name}/threaded/${bundle.id}`;
        bundle.write();
        try {
          const { status, stderr } = await box.tryCreate(bundle);
          expect(status).toBe(1);
          expect(stderr).toMatch(/unable to set memory\.max to 104857600/);
          expect(stderr).toContain(`the cgroup ${threaded} (threaded)`);
          expect(stderr).toContain('another cgroupsPath');
        } finally {
          rmdirSync(threaded);
        }
      }),
    'runts',
    'cgroup v2',
  );
});
