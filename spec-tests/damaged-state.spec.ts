import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { alive, type Container } from './harness/container.ts';
import { sweep } from './harness/leftovers.ts';

const warnings = { global: ['--log-level', 'warning'] };

const damages: Readonly<Record<string, (path: string) => void>> = {
  'is empty': (path) => writeFileSync(path, ''),
  'is cut': (path) => writeFileSync(path, '{"id":"a","ociVersion":"1.0.2","pi'),
  'holds NULs': (path) => writeFileSync(path, '\0'.repeat(512)),
  'is of another program': (path) => writeFileSync(path, '{"id":"a","init_process_pid":1}'),
  'is null': (path) => writeFileSync(path, 'null'),
  'is a directory': (path) => {
    rmSync(path);
    mkdirSync(join(path, 'nested/deeper'), { recursive: true });
    writeFileSync(join(path, 'nested/deeper/file'), 'x');
  },
  'leads to itself': (path) => {
    rmSync(path);
    symlinkSync('state.json', path);
  },
};

const stateFile = (box: Box, { id }: Container): string => join(box.stateRoot, id, 'state.json');

describe('a state.json that', () => {
  for (const [what, damage] of Object.entries(damages)) {
    clause(
      `RT-059 CLI-029 CLI-063 ${what} hides no other container, and delete --force removes what can be known`,
      async (box) => {
        const [broken, sound] = [await box.started(box.bundle()), await box.started(box.bundle())];
        damage(stateFile(box, broken));
        const listed = await box.runtime(['list', '--format', 'json'], warnings);
        expect(
          listed
            .ok()
            .json<{ id: string }[]>()
            .map(({ id }) => id),
        ).toEqual([sound.id]);
        expect(listed.stderr).toContain(`passing over ${broken.id}: the state of container ${broken.id} is damaged: `);
        expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe(`${[broken.id, sound.id].sort().join('\n')}\n`);
        for (const words of [['state'], ['kill'], ['delete'], ['start'], ['pause'], ['ps']]) {
          const result = await box.runtime([...words, broken.id]);
          expect(result.status, words.join(' ')).toBe(1);
          expect(result.stderr).toContain(`the state of container ${broken.id} is damaged: `);
        }
        const deleted = await box.runtime(['delete', '--force', broken.id], warnings);
        expect(deleted.ok().stderr).toMatch(/removed by its name: its directory, the cgroups \/.*; not known, and left: a process outside/);
        expect(deleted.stderr).toContain(broken.cgroup('pids'));
        await until('its process has gone', () => !alive(broken.pid));
        expect(existsSync(join(box.stateRoot, broken.id))).toBe(false);
        expect(await sound.status()).toBe('running');
      },
      'runts',
    );
  }

  clause(
    'RT-059 CLI-029 is missing: delete --force ends the container all the same',
    async (box) => {
      const container = await box.started(box.bundle());
      rmSync(stateFile(box, container));
      expect((await container.delete()).status).toBe(1);
      (await container.delete('--force')).ok();
      await until('its process has gone', () => !alive(container.pid));
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'CLI-029 is damaged: a cgroup of another name stays, with what is in it',
    async (box) => {
      const shared = box.id();
      const container = await box.create(
        box.bundle((config) => {
          config.linux.cgroupsPath = `/${shared}`;
        }),
      );
      const text = stateFile(box, container);
      writeFileSync(text, '');
      const deleted = await box.runtime(['delete', '--force', container.id], warnings);
      expect(deleted.ok().stderr).toContain(`, the cgroups ${container.cgroup('cpu')}`);
      expect(alive(container.pid)).toBe(true);
      process.kill(container.pid, 'SIGKILL');
      sweep({ processes: [], mounts: [], cgroups: box.found().cgroups }, box.suite);
    },
    'runts',
  );

  clause(
    'RT-059 CLI-029 lies beside directories is deleted with them, but not with what is mounted there',
    async (box) => {
      const container = await box.create(box.bundle());
      const directory = join(box.stateRoot, container.id);
      mkdirSync(join(directory, 'sub/deeper'), { recursive: true });
      writeFileSync(join(directory, 'sub/deeper/file'), 'x');
      symlinkSync('/', join(directory, 'sub/root'));
      mkdirSync(join(directory, 'mounted'));
      mkdirSync(join(box.directory, 'kept'));
      writeFileSync(join(box.directory, 'kept/file'), 'x');
      (await box.host(['mount', '--bind', join(box.directory, 'kept'), join(directory, 'mounted')])).ok();
      const refused = await container.delete('--force');
      expect(refused.status).toBe(1);
      expect(existsSync(join(box.directory, 'kept/file'))).toBe(true);
      (await box.host(['umount', join(directory, 'mounted')])).ok();
      (await container.delete('--force')).ok();
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});

describe('--sync-state', () => {
  clause(
    'CLI-002 has each state on the disk before it takes the place of the old one, and then its name; otherwise nothing waits for the disk',
    async (box) => {
      const calls = join(box.directory, 'calls');
      for (const [global, order] of [
        [['--sync-state'], /^(fsync rename fsync ){3,}$/],
        [[], /^(rename ){2,}$/],
      ] as const) {
        const bundle = box.bundle();
        const through = ['/usr/bin/strace', '--output', calls, '--trace=fsync,fdatasync,rename'];
        (await box.tryCreate(bundle, { global, through })).ok();
        const names = readFileSync(calls, 'utf8').match(/^\w+(?=\()/gm) ?? [];
        expect(names.map((name) => `${name} `).join('')).toMatch(order);
      }
    },
    'runts',
    '/usr/bin/strace',
  );
});
