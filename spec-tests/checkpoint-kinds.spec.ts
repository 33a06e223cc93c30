import { chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { addCapabilities, type Config, dropNamespace, setNamespace } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { counter, goesOn, last, placesOf, restored, save } from './harness/criu.ts';
import { mountLines } from './harness/mount-table.ts';

/** Saves a counter and restores it; what it was before is of no more use. */
async function moved(box: Box, change: (config: Config, bundle: Bundle) => void, more: readonly string[] = []): Promise<Container> {
  const container = await counter(box, change);
  const { flags } = placesOf(box);
  (await save(box, container, [...flags, ...more])).ok();
  const before = last(container.stdout);
  const again = await restored(box, container.bundle, [...flags, ...more]);
  await goesOn(again, before);
  return again;
}

const mountAt = (pid: number, point: string) =>
  mountLines(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).filter((line) => line.point === point);

function volume(box: Box, name = 'volume'): string {
  const path = join(box.directory, name);
  mkdirSync(path);
  writeFileSync(join(path, 'file'), 'of the volume');
  chownSync(join(path, 'file'), 7, 7);
  return path;
}

const shell = (script: string) => ({ path: '/bin/sh', args: ['sh', '-c', script] });

describe('what a restored container has again', () => {
  clause(
    'CLI-112 volumes, read-only and in other directories of theirs',
    async (box) => {
      const again = await moved(box, (config) => {
        const source = volume(box);
        config.mounts.push(
          { destination: '/data', source, options: ['bind', 'ro', 'nosuid'] },
          { destination: '/one', source: join(source, 'file'), options: ['bind'] },
        );
      });
      expect(await again.output('cat', '/data/file', '/one')).toBe('of the volumeof the volume');
      expect((await again.exec(['touch', '/data/new'])).status).toBe(1);
      expect(mountAt(again.pid, '/data')[0]?.options).toEqual(expect.arrayContaining(['ro', 'nosuid']));
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 mapped ids of a volume',
    async (box) => {
      const ids = [{ containerID: 0, hostID: 1000, size: 100 }];
      const again = await moved(box, (config) => {
        config.mounts.push({ destination: '/data', source: volume(box), options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids });
      });
      expect(await again.output('stat', '-c', '%u', '/data/file')).toBe('1007');
    },
    'CRIU',
    'the executable',
    'runc 1.2 or later',
  );

  clause(
    'CLI-112 masked and read-only paths',
    async (box) => {
      const again = await moved(box, (config, bundle) => {
        bundle.put('/data/secret', 'secret');
        bundle.put('/root/kept', 'kept');
        config.linux.maskedPaths = ['/data/secret', '/proc/keys', '/sys/firmware'];
        config.linux.readonlyPaths = ['/proc/sys', '/root'];
      });
      expect(await again.output('cat', '/data/secret', '/proc/keys')).toBe('');
      expect((await again.exec(['touch', '/root/new'])).stderr).toContain('Read-only');
      expect((await again.exec(['sh', '-c', 'echo x > /proc/sys/kernel/domainname'])).stderr).toContain('Read-only');
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 a symlink of the image leads a volume nowhere else',
    async (box) => {
      const again = await moved(box, (config, bundle) => {
        symlinkSync('/data', join(bundle.rootfs, 'link'));
        mkdirSync(join(bundle.rootfs, 'data/below'));
        config.mounts.push({ destination: '/link/below', source: volume(box), options: ['bind'] });
      });
      expect(await again.output('cat', '/data/below/file')).toBe('of the volume');
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 its loopback interface, in a network of its own',
    async (box) => {
      const again = await moved(box, () => {});
      expect(await again.output('ifconfig', 'lo')).toContain('127.0.0.1');
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 CLI-110 a network namespace that it has joined',
    async (box) => {
      const holder = box.background(['unshare', '--net', 'sleep', '1000']);
      await until(
        'a network namespace',
        async () =>
          (await box.host(['readlink', `/proc/${holder.pid}/ns/net`])).stdout !==
          (await box.host(['readlink', '/proc/self/ns/net'])).stdout,
      );
      const path = `/proc/${holder.pid}/ns/net`;
      const again = await moved(box, (config) => setNamespace(config, 'network', path));
      expect(again.namespace('net')).toBe((await box.host(['readlink', path])).stdout.trim());
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 the network and the pid namespace of the host',
    async (box) => {
      const again = await moved(box, (config) => dropNamespace(config, 'network'));
      expect(again.namespace('net')).toBe((await box.host(['readlink', '/proc/self/ns/net'])).stdout.trim());
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 a cgroup namespace and its mount',
    async (box) => {
      const again = await moved(box, (config) => {
        setNamespace(config, 'cgroup');
        config.mounts.push({
          destination: '/sys/fs/cgroup',
          type: 'cgroup',
          source: 'cgroup',
          options: ['ro', 'nosuid', 'nodev', 'noexec'],
        });
      });
      expect(await again.output('cat', '/proc/self/cgroup')).toMatch(/:\/$/m);
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 CLI-109 limits of its cgroup, as its configuration has them now',
    async (box) => {
      const container = await counter(box, (config) => {
        config.linux.resources = { pids: { limit: 20 } };
      });
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      container.bundle.config.linux.resources = { pids: { limit: 30 } };
      container.bundle.write();
      const again = await restored(box, container.bundle, flags);
      expect(again.control('pids', 'pids.max')).toBe('30');
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-112 CLI-109 all of its cgroups, under a new name, with a limit of memory or without',
    async (box) => {
      for (const resources of [{}, { memory: { limit: 64 << 20 } }]) {
        const container = await counter(box, (config) => {
          config.linux.resources = resources;
        });
        const before = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8');
        const { flags } = placesOf(box, container.id);
        (await save(box, container, flags)).ok();
        const bundle = box.bundle((config) => {
          config.linux.resources = resources;
        });
        const again = await restored(box, bundle, flags);
        expect(readFileSync(`/proc/${again.pid}/cgroup`, 'utf8')).toBe(before.replaceAll(container.id, again.id));
      }
    },
    'CRIU',
  );

  clause(
    'CLI-112 RT-012 hooks: those of a new network before, poststart once it runs, poststop at its end',
    async (box) => {
      const log = join(box.directory, 'log');
      const again = await moved(box, (config) => {
        const tell = (name: string) => shell(`echo ${name} $(cat | grep -o '"pid":[0-9]*') >> ${log}`);
        config.hooks = {
          prestart: [tell('prestart')],
          createRuntime: [tell('createRuntime')],
          poststart: [tell('poststart')],
          poststop: [tell('poststop')],
        };
      });
      const lines = readFileSync(log, 'utf8').trim().split('\n');
      expect(lines.slice(-3)).toEqual(['prestart', 'createRuntime', 'poststart'].map((name) => `${name} "pid":${again.pid}`));
      (await again.delete('--force')).ok();
      expect(readFileSync(log, 'utf8')).toMatch(/poststop "pid":0\n$/);
    },
    'CRIU',
    'the executable',
    'runts',
  );

  clause(
    'CLI-112 what it can be asked for: exec, pause, resume, update, events, ps, kill',
    async (box) => {
      const again = await moved(box, (config) => addCapabilities(config, 'CAP_SYS_ADMIN'));
      expect(await again.output('readlink', '/proc/self/ns/time')).toBe(again.namespace('time'));
      (await box.runtime(['pause', again.id])).ok();
      expect(await again.status()).toBe('paused');
      (await box.runtime(['resume', again.id])).ok();
      (await box.runtime(['update', '--pids-limit', '50', again.id])).ok();
      expect(again.control('pids', 'pids.max')).toBe('50');
      expect((await box.runtime(['events', '--stats', again.id])).ok().stdout).toContain('"type":"stats"');
      expect((await box.runtime(['ps', again.id])).ok().stdout).toContain('while');
      (await again.kill('KILL')).ok();
      await again.reaches('stopped');
    },
    'CRIU',
    'the executable',
  );
});
