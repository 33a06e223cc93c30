import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { call, until } from './harness/command.ts';
import { Container } from './harness/container.ts';
import { counter, counting, criuPath, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';
import { mountLines } from './harness/mount-table.ts';
import { control, global, megabyte, scoped, show, systemd } from './harness/scope.ts';

/** Options of the whole hierarchy, which each mount of it may change. */
const hierarchyOptions = (): string => / - cgroup2 \S+ (\S+)/.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1] ?? '';

/** What somebody has done who is at it yet, or was killed: the options are noted, and CRIU has taken them away. */
const withoutOptions = `
import os, subprocess, sys
os.setxattr('/sys/fs/cgroup', 'trusted.runts.hierarchy', sys.argv[1].encode())
subprocess.run(['unshare', '--mount', 'mount', '-t', 'cgroup2', 'none', '/mnt'], check=True)`;

/** A directory with nothing of PATH but CRIU and what it cannot do without. */
function withoutIptables(box: Box): string {
  const folder = join(box.directory, 'bin');
  mkdirSync(folder);
  const directories = (criuPath() ?? '').split(':');
  for (const name of ['criu', 'sh', 'tar', 'gzip', 'ip']) {
    const found = directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(folder, name));
  }
  return folder;
}

/** Words that lead into a mount namespace in which everything is shared. */
async function sharing(box: Box): Promise<string[]> {
  const holder = box.background(['unshare', '--mount', '--propagation', 'shared', 'sleep', '1000']);
  const path = `/proc/${holder.pid}/ns/mnt`;
  const own = readlinkSync('/proc/self/ns/mnt');
  await until('a mount namespace', () => readlinkSync(path) !== own && readFileSync(`/proc/${holder.pid}/comm`, 'utf8') === 'sleep\n');
  return ['nsenter', `--mount=${path}`];
}

describe('a host as systemd makes it', () => {
  for (const [title, where, names] of [
    ['volumes of one filesystem follow its mounts again, where everything on the host is shared', 'shared', ['one', 'two']],
    ['volumes that followed mounts of the host follow none where everything is private', 'private', ['one', 'two']],
    ['a root that followed a mount of the host follows none where everything is private', 'private', []],
  ] as const) {
    clause(
      `CLI-112 ${title}`,
      async (box) => {
        const through = await sharing(box);
        const volumes = names.map((name) => join(box.directory, name));
        const bundle = box.bundle((config) => {
          config.process.args = [...counting];
          for (const source of volumes) {
            mkdirSync(source);
            writeFileSync(join(source, 'name'), basename(source));
            config.mounts.push({ destination: `/data/${basename(source)}`, source, options: ['bind', 'ro'] });
          }
        });
        const container = await box.started(bundle, { through });
        await container.prints(/^3$/m);
        const { flags } = placesOf(box);
        (await box.runtime(['checkpoint', ...flags, container.id], { ...withCriu(), through })).ok();
        const again = await restored(box, bundle, flags, where === 'shared' ? through : ['unshare', '--mount', '--propagation', 'private']);
        await goesOn(again, last(container.stdout));
        for (const name of names) expect(await again.output('cat', `/data/${name}/name`)).toBe(name);
        const mounts = readFileSync(`/proc/${again.pid}/mountinfo`, 'utf8');
        for (const { point, options } of mountLines(mounts).filter((line) => /^\/(data\/|$)/.test(line.point))) {
          if (point !== '/') expect(options).toContain('ro');
          expect(mounts).toMatch(new RegExp(` ${point} \\S+ ${where === 'shared' ? 'master:\\d+ ' : ''}- `));
        }
      },
      'CRIU',
      'the executable',
      'runts',
    );
  }

  clause(
    'CLI-094 CLI-112 the options of its cgroup hierarchy are as they were, though CRIU mounts it without',
    async (box) => {
      const before = hierarchyOptions();
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      expect(hierarchyOptions()).toBe(before);
      await goesOn(await restored(box, container.bundle, flags), last(container.stdout));
      expect(hierarchyOptions()).toBe(before);
    },
    'CRIU',
    'the executable',
    'cgroup v2',
  );

  for (const [what, deed] of [
    ['another one that saves or restores at the time, which may be killed', 'checkpoint'],
    ['one that was killed, when any container is deleted', 'delete'],
  ] as const) {
    clause(
      `CLI-094 CLI-029 its options are given back after ${what}`,
      async (box) => {
        const before = hierarchyOptions();
        const container = await counter(box);
        (await call(box.directory, ['/usr/bin/python3', '-c', withoutOptions, before])).ok();
        expect(hierarchyOptions()).not.toBe(before);
        if (deed === 'checkpoint') (await save(box, container, placesOf(box).flags)).ok();
        else (await box.runtime(['delete', '--force', container.id])).ok();
        expect(hierarchyOptions()).toBe(before);
      },
      'CRIU',
      'the executable',
      '/usr/bin/python3',
      'cgroup v2',
      'runts',
    );
  }

  clause(
    'CLI-094 without iptables it is nftables that keeps packets from a container while it is saved',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      const env = { PATH: withoutIptables(box) };
      (await box.runtime(['checkpoint', ...flags, container.id], { ...withCriu(), env })).ok();
      await goesOn(await restored(box, container.bundle, flags), last(container.stdout));
    },
    'CRIU',
    'the executable',
    'runts',
  );

  clause(
    'CLI-094 LNX-058 a container below a frozen cgroup is refused, and is as it was once that is thawed (cgroup v2)',
    async (box) => {
      const parent = box.id();
      const container = await counter(box, (config) => {
        config.linux.cgroupsPath = `/${parent}/inside`;
      });
      const freezer = join('/sys/fs/cgroup', parent, 'cgroup.freeze');
      writeFileSync(freezer, '1');
      try {
        const result = await save(box, container, placesOf(box).flags);
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`the cgroup /sys/fs/cgroup/${parent} above it is frozen`);
      } finally {
        writeFileSync(freezer, '0');
      }
      await goesOn(container, last(container.stdout));
    },
    'CRIU',
    'the executable',
    'cgroup v2',
    'runts',
  );

  for (const mode of ['soft', 'full', 'ignore']) {
    clause(
      `CLI-112 CLI-109 CLI-006 with --systemd-cgroup it is in its scope again, with its limits, and delete leaves none (${mode})`,
      async (box) => {
        const { container, unit, directory } = await scoped(box, (config) => {
          config.process.args = [...counting];
          config.linux.resources = { pids: { limit: 33 }, memory: { limit: 64 * megabyte } };
        });
        await container.prints(/^3$/m);
        const flags = [...placesOf(box).flags, '--manage-cgroups-mode', mode];
        const options = { ...withCriu(), global: [...global, ...(withCriu().global ?? [])] };
        (await box.runtime(['checkpoint', ...flags, container.id], options)).ok();
        await until('systemd forgets the scope', async () => (await show(box, unit, 'ActiveState'))[0] === 'inactive');
        const { bundle } = container;
        const pidFile = join(bundle.directory, 'restored.pid');
        const words = ['restore', '--detach', '--bundle', bundle.directory, '--pid-file', pidFile, ...flags, bundle.id];
        const result = (await box.runtime(words, options)).ok();
        const again = new Container(box, bundle, Number(readFileSync(pidFile, 'utf8')), result);
        await goesOn(again, last(container.stdout));
        expect(readFileSync(`/proc/${again.pid}/cgroup`, 'utf8').trim()).toBe(`0::/system.slice/${unit}`);
        expect([control(directory, 'pids.max'), control(directory, 'memory.max')]).toEqual(['33', String(64 * megabyte)]);
        expect((await show(box, unit, 'ActiveState', 'TasksMax')).sort()).toEqual(['33', 'active']);
        (await again.delete('--force')).ok();
        await until('systemd forgets the scope', async () => (await show(box, unit, 'ActiveState'))[0] === 'inactive');
      },
      'CRIU',
      'the executable',
      'cgroup v2',
      systemd,
    );
  }
});
