import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { counter, counting, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';
import { mountLines } from './harness/mount-table.ts';
import type { CallOptions } from './harness/runtime-call.ts';

/** Where mounts are and with which options, in the order in which they lie over another. */
const mountsOf = (pid: number): string[] =>
  mountLines(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
    .map(({ point, options }) => `${point} ${options.join(',')}`)
    .sort();

describe('checkpoint and restore', () => {
  clause(
    'CLI-094 CLI-095 CLI-096 CLI-112 a counter is saved, its container is gone, and it counts on where it is restored',
    async (box) => {
      const container = await counter(box);
      const { images, work, flags } = placesOf(box);
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      expect(readdirSync(images)).toEqual(expect.arrayContaining(['inventory.img', 'descriptors.json']));
      expect(existsSync(join(work, 'dump.log'))).toBe(true);
      expect((await box.runtime(['state', container.id])).stderr).toContain('container does not exist');
      const before = last(container.stdout);
      const again = await restored(box, container.bundle, flags);
      await goesOn(again, before);
      expect(Number(again.stdout.split('\n')[0])).toBe(before + 1);
      expect(await again.status()).toBe('running');
      expect(await again.output('cat', '/proc/1/comm')).toBe('sh');
      (await again.kill('KILL')).ok();
      await again.reaches('stopped');
      (await again.delete()).ok();
    },
    'CRIU',
  );

  clause(
    'CLI-112 the mounts of a restored container are those that it had, with their protections',
    async (box) => {
      const container = await counter(box, (config) => {
        config.root.readonly = true;
      });
      const before = mountsOf(container.pid);
      const { flags } = placesOf(box);
      (await box.runtime(['checkpoint', ...flags, container.id], withCriu())).ok();
      const again = await restored(box, container.bundle, flags);
      expect(mountsOf(again.pid)).toEqual(before);
    },
    'CRIU',
  );

  clause(
    'CLI-112 LNX-181 of a read-only root without /tmp, and of masked directories, which the images have nothing of',
    async (box) => {
      const container = await counter(box, (config, bundle) => {
        config.root.readonly = true;
        rmdirSync(join(bundle.rootfs, 'tmp'));
        config.linux.maskedPaths = ['/proc/keys', '/proc/fs', '/sys/firmware'];
      });
      const before = mountsOf(container.pid);
      const { flags, images } = placesOf(box);
      (await save(box, container, flags)).ok();
      const saved = readdirSync(images).filter((name) => name.startsWith('tmpfs-dev-'));
      expect(saved.length, 'of /dev and /dev/shm alone').toBe(2);
      const again = await restored(box, container.bundle, flags);
      expect(mountsOf(again.pid)).toEqual(before);
      expect(await again.output('ls', '/sys/firmware', '/proc/fs')).toBe('/proc/fs:\n\n/sys/firmware:');
    },
    'CRIU',
    'the executable',
    'runts',
  );
});

/** The words of a call that must fail, having left the counter as it was. */
async function refused(box: Box, container: Container, args: readonly string[], options: CallOptions = withCriu()): Promise<string> {
  const result = await box.runtime(['checkpoint', ...args, container.id], options);
  expect(result.status).toBe(1);
  await goesOn(container, last(container.stdout));
  return result.stderr;
}

describe('checkpoint', () => {
  clause(
    'CLI-098 with --leave-running the container goes on, and the images are those of that moment',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await save(box, container, [...flags, '--leave-running'])).ok();
      await goesOn(container, last(container.stdout));
      expect(await container.status()).toBe('running');
      const bundle = box.bundle((config) => {
        config.process.args = [...counting];
      });
      const again = await restored(box, bundle, flags);
      await until('it counts', () => again.stdout.split('\n').length > 3);
      expect(Number(again.stdout.split('\n')[0])).toBeLessThan(last(container.stdout));
      expect(again.cgroup('pids')).not.toBe(container.cgroup('pids'));
    },
    'CRIU',
  );

  clause(
    'CLI-094 CLI-066 a paused container, which then runs where it is restored',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await box.runtime(['pause', container.id])).ok();
      (await save(box, container, flags)).ok();
      const again = await restored(box, container.bundle, flags);
      expect(await again.status()).toBe('running');
      await goesOn(again, last(again.stdout || '0'));
    },
    'CRIU',
  );

  clause(
    'CLI-094 a paused container that is left running stays paused',
    async (box) => {
      const container = await counter(box);
      (await box.runtime(['pause', container.id])).ok();
      (await save(box, container, [...placesOf(box).flags, '--leave-running'])).ok();
      expect(await container.status()).toBe('paused');
      (await box.runtime(['resume', container.id])).ok();
      await goesOn(container, last(container.stdout));
    },
    'CRIU',
  );

  clause(
    'CLI-094 a created or stopped container cannot be saved',
    async (box) => {
      const container = await box.create(box.bundle());
      const { flags, images } = placesOf(box);
      expect((await save(box, container, flags)).stderr).toContain('Container cannot be checkpointed in created state');
      await container.start();
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      expect((await save(box, container, flags)).stderr).toContain('Container cannot be checkpointed in stopped state');
      if (box.kind === 'runts') expect(existsSync(images)).toBe(false);
    },
    'CRIU',
  );

  clause(
    'CLI-108 CLI-097 memory beforehand, and then what has changed since',
    async (box) => {
      const container = await counter(box);
      const [first, second] = [placesOf(box, 'first'), placesOf(box, 'second')];
      (await save(box, container, [...first.flags, '--pre-dump'])).ok();
      expect(await container.status()).toBe('running');
      (await save(box, container, [...second.flags, '--parent-path', '../first'])).ok();
      expect(existsSync(join(second.images, 'parent'))).toBe(true);
      await goesOn(await restored(box, container.bundle, second.flags), 3);
    },
    'CRIU with memory tracking',
  );

  clause(
    'CLI-108 memory beforehand is refused by name where the kernel does not tell what has changed',
    async (box) => {
      const container = await counter(box);
      expect(await refused(box, container, [...placesOf(box).flags, '--pre-dump'])).toContain('criu is missing features: [MemTrack]');
    },
    'CRIU without memory tracking',
  );

  clause(
    'CLI-097 CLI-106 CLI-109 CLI-110 values that mean nothing are refused before anything is done',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      expect(await refused(box, container, [...flags, '--parent-path', '/tmp'])).toContain('--parent-path must be relative');
      expect(await refused(box, container, [...flags, '--parent-path', '../nowhere'])).toContain('invalid --parent-path');
      expect(await refused(box, container, [...flags, '--page-server', 'nowhere'])).toContain('--page-server ADDRESS:PORT');
      expect(await refused(box, container, [...flags, '--empty-ns', 'pid'])).toMatch(/namespace \\*"pid\\*" is not supported/);
    },
    'CRIU',
  );

  clause(
    'CLI-094 ENG-002 without CRIU, or with what is none, the error says so and the container goes on',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      expect(await refused(box, container, flags, { env: { PATH: '/nowhere' } })).toContain('"criu": executable file not found in $PATH');
      const fake = join(box.directory, 'fake');
      mkdirSync(fake);
      writeFileSync(join(fake, 'criu'), '#!/usr/bin/python3\nimport socket\nsocket.socket(fileno=10).recv(4096)\n', { mode: 0o755 });
      expect(await refused(box, container, flags, { env: { PATH: `${fake}:/bin` } })).toMatch(/criu failed: type VERSION/);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-094 CLI-099 where iptables is not installed, CRIU keeps packets away by nftables',
    async (box) => {
      const container = await counter(box);
      const { flags, work } = placesOf(box);
      const folder = join(box.directory, 'programs');
      mkdirSync(folder);
      const criu = withCriu()
        .env.PATH.split(':')
        .map((each) => join(each, 'criu'))
        .find(existsSync);
      symlinkSync(criu ?? '', join(folder, 'criu'));
      for (const name of ['tar', 'gzip']) symlinkSync(join('/bin', name), join(folder, name));
      (await box.runtime(['checkpoint', '--leave-running', ...flags, container.id], { env: { PATH: folder } })).ok();
      expect(readFileSync(join(work, 'dump.log'), 'utf8')).toContain('Lock network');
      // One of the name is enough for CRIU to be left its choice.
      symlinkSync('/bin/false', join(folder, 'iptables-restore'));
      const words = await refused(box, container, ['--leave-running', ...placesOf(box, 'other').flags], { env: { PATH: folder } });
      expect(words).toContain('iptables-restore');
    },
    'CRIU',
    'the executable',
    'runts',
  );

  clause(
    'CLI-094 the error of CRIU is told in its words, and where its log is',
    async (box) => {
      // More of a file without a name than CRIU keeps.
      const big = 'dd if=/dev/zero of=/data/big bs=1M count=2 2>/dev/null; exec 5</data/big; rm /data/big';
      const container = await counter(box, (config) => {
        config.process.args = ['sh', '-c', `${big}; ${counting[2]}`];
      });
      const { flags, work } = placesOf(box);
      const words = await refused(box, container, flags);
      expect(words).toMatch(/criu failed: type DUMP errno \d+: .*ghost file/);
      expect(words).toContain(join(work, 'dump.log'));
      await goesOn(container, last(container.stdout));
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-094 what exec has started is not saved, and that is said',
    async (box) => {
      const container = await counter(box);
      (await container.exec(['sh', '-c', 'sleep 1000 & sleep 1000'], ['--detach'])).ok();
      const { flags } = placesOf(box);
      const result = (await save(box, container, flags)).ok();
      expect(result.stderr).toMatch(/not saved and ends with the container: what exec has started, process \d+, \d+/);
      const again = await restored(box, container.bundle, flags);
      expect((await again.output('ps')).includes('sleep 1000')).toBe(false);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-094 LNX-058 a container below a frozen cgroup is refused, and is as it was once that is thawed',
    async (box) => {
      const parent = box.id();
      const container = await counter(box, (config) => {
        config.linux.cgroupsPath = `/${parent}/inside`;
      });
      const freezer = join('/sys/fs/cgroup/freezer', parent, 'freezer.state');
      writeFileSync(freezer, 'FROZEN');
      try {
        const result = await save(box, container, placesOf(box).flags);
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`the cgroup /sys/fs/cgroup/freezer/${parent} above it is frozen`);
      } finally {
        writeFileSync(freezer, 'THAWED');
      }
      await goesOn(container, last(container.stdout));
    },
    'CRIU',
    'cgroup v1',
    'runts',
  );
});
