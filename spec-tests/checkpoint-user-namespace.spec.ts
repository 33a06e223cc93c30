// A container whose root is nobody on the host.
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace, setNamespace, withUserNamespace } from './harness/config.ts';
import { counting, last, placesOf, restored, save, tracksMemory, withCriu } from './harness/criu.ts';
import { mountLines } from './harness/mount-table.ts';

const volumes = (pid: number) => mountLines(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).filter(({ point }) => point === '/volume');

describe('what a restored container has again', () => {
  clause(
    'CLI-112 CLI-108 a user namespace, whose root reads images that are his nowhere else, and those before them',
    async (box) => {
      const volume = join(box.directory, 'volume');
      mkdirSync(volume);
      writeFileSync(join(volume, 'file'), 'of the volume');
      const bundle = box.bundle((config, { rootfs }) => {
        withUserNamespace(config);
        chownSync(rootfs, 100_000, 100_000);
        // A file of the host that he may not open is nothing that he can go on with.
        config.process.args = ['sh', '-c', `exec </dev/null >/count 2>&1; ${counting.at(-1)}`];
        config.mounts.push({ destination: '/volume', source: volume, options: ['bind', 'ro'] });
      });
      const count = () => last(readFileSync(join(bundle.rootfs, 'count'), 'utf8'));
      const container = await box.started(bundle);
      await until('it counts', () => existsSync(join(bundle.rootfs, 'count')) && count() > 3);
      const first = placesOf(box, 'first');
      const { images, flags } = placesOf(box);
      const builds = tracksMemory();
      if (builds) (await save(box, container, [...first.flags, '--pre-dump'])).ok();
      (await save(box, container, [...flags, ...(builds ? ['--parent-path', '../first'] : [])])).ok();
      const before = count();
      expect(statSync(images).mode & 0o7777).toBe(0o700);
      const again = await restored(box, bundle, flags);
      await until('it counts on', () => count() > before + 3);
      expect(readFileSync(`/proc/${again.pid}/uid_map`, 'utf8').trim().split(/\s+/)).toEqual(['0', '100000', '65536']);
      expect(await again.output('id', '-u')).toBe('0');
      expect(await again.output('cat', '/volume/file')).toBe('of the volume');
      expect(volumes(again.pid).map(({ options }) => options.includes('ro'))).toEqual([true]);
      expect(statSync(join(images, 'pstree.img')).uid).toBe(0);
    },
    'CRIU',
    'the executable',
    // CRIU reads the limits of a process whose user namespace belongs to somebody else.
    'CAP_SYS_RESOURCE',
  );

  clause(
    'CLI-112 LNX-010 a user namespace of its own in place of one that it had joined, which it cannot join again',
    async (box) => {
      const keeper = await box.started(
        box.bundle((config, { rootfs }) => {
          withUserNamespace(config);
          chownSync(rootfs, 100_000, 100_000);
        }),
      );
      const bundle = box.bundle((config, { rootfs }) => {
        setNamespace(config, 'user', `/proc/${keeper.pid}/ns/user`);
        chownSync(rootfs, 100_000, 100_000);
        config.process.args = ['sh', '-c', `exec </dev/null >/count 2>&1; ${counting.at(-1)}`];
      });
      const count = () => last(readFileSync(join(bundle.rootfs, 'count'), 'utf8'));
      const container = await box.started(bundle);
      await until('it counts', () => existsSync(join(bundle.rootfs, 'count')) && count() > 3);
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const before = count();
      const refused = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
      expect(refused.status).toBe(1);
      if (box.kind === 'runts') expect(refused.stderr).toContain('cannot be restored into a user namespace that is there already');
      dropNamespace(bundle.config, 'user');
      withUserNamespace(bundle.config);
      bundle.write();
      const again = await restored(box, bundle, flags);
      await until('it counts on', () => count() > before + 3);
      expect(readFileSync(`/proc/${again.pid}/uid_map`, 'utf8').trim().split(/\s+/)).toEqual(['0', '100000', '65536']);
    },
    'CRIU',
    'the executable',
    'CAP_SYS_RESOURCE',
  );
});
