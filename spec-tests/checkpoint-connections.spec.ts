import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { counter, counting, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';
import { freePort } from './harness/free-port.ts';

describe('what a process is connected with', () => {
  clause(
    'CLI-099 a TCP connection within the container goes on with --tcp-established, and keeps it from being saved without',
    async (box) => {
      const sender = 'i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done';
      const container = await counter(box, (config, bundle) => {
        bundle.put('/data/send', sender);
        config.process.args = [
          'sh',
          '-c',
          `sleep 100000 | nc -l -p 4711 > /data/got & until sh /data/send | nc 127.0.0.1 4711; do :; done & ${counting[2]}`,
        ];
      });
      const got = join(container.bundle.rootfs, 'data/got');
      const received = () => (existsSync(got) ? last(readFileSync(got, 'utf8')) : 0);
      await until('something is received', () => received() > 3);
      const { flags } = placesOf(box);
      const refused = await save(box, container, flags);
      expect(refused.status).toBe(1);
      if (box.kind === 'runts') expect(refused.stderr).toContain('--tcp-established');
      (await save(box, container, [...flags, '--tcp-established'])).ok();
      const before = received();
      await goesOn(await restored(box, container.bundle, [...flags, '--tcp-established']), last(container.stdout));
      await until('more is received', () => received() > before + 3);
    },
    'CRIU',
    'the executable',
    'runts',
    'CRIU that restores connections',
  );

  clause(
    'CLI-101 a file that has lost the name that it was opened by goes on with --link-remap',
    async (box) => {
      const container = await counter(box, (config) => {
        config.process.args = ['sh', '-c', `echo kept > /data/a; ln /data/a /data/b; exec 5</data/a; rm /data/a; ${counting[2]}`];
      });
      const { flags } = placesOf(box);
      expect((await save(box, container, flags)).status).toBe(1);
      await goesOn(container, last(container.stdout));
      (await save(box, container, [...flags, '--link-remap'])).ok();
      const again = await restored(box, container.bundle, flags);
      expect(readFileSync(`/proc/${again.pid}/fd/5`, 'utf8')).toBe('kept\n');
    },
    'CRIU',
    'the executable',
  );

  clause(
    'CLI-106 the pages of memory go to a page server',
    async (box) => {
      const container = await counter(box);
      const served = join(box.directory, 'served');
      mkdirSync(served);
      const port = await freePort();
      const server = box.background(
        ['criu', 'page-server', '--images-dir', served, '--address', '127.0.0.1', '--port', String(port)],
        withCriu(),
      );
      const { images, flags } = placesOf(box);
      await until('the page server listens', () =>
        readFileSync('/proc/net/tcp', 'utf8').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`),
      );
      (await save(box, container, [...flags, '--page-server', `127.0.0.1:${port}`])).ok();
      expect((await server.exited).status).toBe(0);
      expect(existsSync(join(images, 'pages-1.img'))).toBe(false);
      cpSync(served, images, { recursive: true });
      await goesOn(await restored(box, container.bundle, flags), last(container.stdout));
    },
    'CRIU',
    'the executable',
  );

  /** A container whose shell serves a connection from within, and writes how that has ended. */
  const connected = (box: Box): Promise<Container> =>
    counter(box, (config) => {
      config.process.args = [
        'sh',
        '-c',
        `sleep 100000 | nc -l -p 4711 > /data/got &
        (echo hello; sleep 100000) | { until nc 127.0.0.1 4711; do :; done; echo over > /data/over; } & ${counting[2]}`,
      ];
    });

  clause(
    'CLI-099 CLI-112 with --tcp-close it is restored without its TCP connections, whose programs are told',
    async (box) => {
      const container = await connected(box);
      const [got, over] = ['got', 'over'].map((name) => join(container.bundle.rootfs, 'data', name)) as [string, string];
      await until('it is connected', () => existsSync(got) && readFileSync(got, 'utf8') === 'hello\n');
      const { flags } = placesOf(box);
      (await save(box, container, [...flags, '--tcp-established'])).ok();
      expect(existsSync(over)).toBe(false);
      await goesOn(await restored(box, container.bundle, [...flags, '--tcp-close']), last(container.stdout));
      await until('the connection is over', () => existsSync(over));
    },
    'CRIU',
    'the executable',
    'Linux before 6.16',
  );
});
