import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { counter, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';
import { after, bareDev } from './harness/odd-host.ts';

describe('restore', () => {
  clause('CLI-112 a directory without a checkpoint is refused, and nothing is left', async (box) => {
    const bundle = box.bundle();
    const { images, flags } = placesOf(box);
    for (const prepare of [
      () => {},
      () => mkdirSync(images, { recursive: true }),
      () => writeFileSync(join(images, 'inventory.img'), ''),
    ]) {
      prepare();
      const result = await box.runtime(['restore', '--bundle', bundle.directory, ...flags, bundle.id]);
      expect(result.status).toBe(1);
      if (box.kind === 'runts') expect(result.stderr).toContain(`${images} holds no checkpoint`);
    }
    expect(box.leftovers()).toEqual([]);
  });

  clause(
    'CLI-112 damaged images, and none of what they need: the error is told, and nothing is left',
    async (box) => {
      const container = await counter(box);
      const { images, flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const file = join(images, 'pstree.img');
      const content = readFileSync(file);
      for (const damage of [Buffer.alloc(0), content.subarray(0, content.length - 7), Buffer.from('not an image at all')]) {
        writeFileSync(file, damage);
        const result = await box.runtime(
          ['restore', '--detach', '--bundle', container.bundle.directory, ...flags, container.id],
          withCriu(),
        );
        expect(result.status).toBe(1);
        // Where the host has a security module it is read before CRIU does.
        expect(result.stderr).toMatch(/criu failed: type RESTORE|holds no checkpoint/);
        expect(box.leftovers()).toEqual([]);
      }
      writeFileSync(file, content);
      await goesOn(await restored(box, container.bundle, flags), 3);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-112 CLI-036 in the foreground the exit status is that of the program, and the container is deleted',
    async (box) => {
      const script = 'i=0; while [ ! -e /data/end ]; do i=$((i+1)); echo $i; usleep 20000; done; exit 42';
      const container = await counter(box, (config) => {
        config.process.args = ['sh', '-c', script];
      });
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const { bundle } = container;
      const running = box.launch(['restore', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
      await until('it counts', () => last(running.output()) > 3);
      expect((await box.runtime(['state', bundle.id])).ok().json<{ status: string }>().status).toBe('running');
      bundle.put('/data/end', '');
      expect((await running.exited).status).toBe(42);
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
  );

  clause(
    'CLI-112 an id that is taken is refused, and its container stays as it is',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await save(box, container, [...flags, '--leave-running'])).ok();
      const result = await box.runtime(['restore', '--detach', '--bundle', container.bundle.directory, ...flags, container.id], withCriu());
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('already exists');
      await goesOn(container, last(container.stdout));
    },
    'CRIU',
  );

  clause(
    'CLI-112 a hook that fails leaves nothing of the container',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const { bundle } = container;
      bundle.config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'echo no network; exit 3'] }] };
      bundle.write();
      const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('no network');
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-112 a configuration that cannot be restored is refused before anything is made',
    async (box) => {
      const bundle = box.bundle((config) => dropNamespace(config, 'mount'));
      const { images, work, flags } = placesOf(box);
      mkdirSync(images);
      writeFileSync(join(images, 'inventory.img'), '');
      writeFileSync(join(images, 'descriptors.json'), '["/dev/null","/dev/null","/dev/null"]');
      const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id], withCriu());
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('a container without a mount namespace cannot be saved or restored');
      expect(existsSync(work)).toBe(false);
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-112 a host without /dev/shm restores what needs none',
    async (box) => {
      const container = await counter(box);
      const { flags } = placesOf(box);
      (await save(box, container, flags)).ok();
      const again = await restored(box, container.bundle, flags, after(bareDev));
      await goesOn(again, last(container.stdout));
    },
    'CRIU',
    'the executable',
    'runts',
  );

  clause('CLI-112 CLI-016 a terminal that nobody would serve is refused before anything is done', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
    });
    const { flags } = placesOf(box);
    const result = await box.runtime(['restore', '--detach', '--bundle', bundle.directory, ...flags, bundle.id]);
    expect(result.status).toBe(1);
    if (box.kind === 'runts') expect(result.stderr).toContain('cannot allocate tty if runc will detach without setting console socket');
    expect(box.leftovers()).toEqual([]);
  });
});
