// Containers that the library saves and restores.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect } from 'vitest';
import type { Container, Runtime } from '../../src/index.ts';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { counting, criuPath, last } from '../harness/criu.ts';
import { openDescriptors } from './descriptors.js';
import { rejection, specOf, withRuntime } from './library.ts';

/** Where the library looks for CRIU. */
async function withCriu(use: () => Promise<void>): Promise<void> {
  const { PATH } = process.env;
  process.env['PATH'] = criuPath();
  try {
    await use();
  } finally {
    process.env['PATH'] = PATH;
  }
}

/** What a container has printed so far. */
function printed({ stdout }: Container): () => string {
  let text = '';
  (stdout as Readable).on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

const goesOn = (text: () => string, from: number): Promise<unknown> => until('it counts on', () => last(text() || '0') > from + 2);
/** With a runtime whose containers go on without it, as those that are restored do. */
const outliving = (box: Box, use: (runtime: Runtime) => Promise<void>): Promise<void> =>
  withCriu(() => withRuntime(box, use, { outlive: true }));
const piped = ['ignore', 'pipe', 'pipe'] as const;

describe('checkpoint and restore', () => {
  clause(
    'LIB-090 a container that ends with its parent is saved, and counts on where it is restored, with its end told',
    async (box) => {
      const { id, spec } = specOf(box, counting);
      const images = join(box.directory, 'images');
      await withCriu(async () => {
        let before = 0;
        await withRuntime(box, async (runtime) => {
          const container = await runtime.create({ id, spec, stdio: piped });
          const text = printed(container);
          await container.start();
          await goesOn(text, 0);
          await container.checkpoint({ images: join(box.directory, 'first'), leaveRunning: true });
          await goesOn(text, last(text()));
          expect((await container.state()).status).toBe('running');
          const descriptors = openDescriptors().length;
          await container.checkpoint({ images, work: join(box.directory, 'work') });
          expect(existsSync(join(box.directory, 'work/dump.log'))).toBe(true);
          expect(await container.wait()).toMatchObject({ signal: 'SIGKILL' });
          expect(await rejection(container.state())).toMatchObject({ code: 'CONTAINER_UNKNOWN' });
          expect(await runtime.list()).toEqual([]);
          // Its directory, its pidfd and two pipes.
          await until('its descriptors are closed', () => openDescriptors().length <= descriptors - 4);
          before = last(text());
          expect(await rejection(runtime.restore({ id, spec, images }))).toMatchObject({ code: 'GUARD_USELESS' });
        });
        await withRuntime(
          box,
          async (runtime) => {
            const container = await runtime.restore({ id, spec, images, stdio: piped });
            const text = printed(container);
            await goesOn(text, before);
            expect(Number(text().split('\n')[0])).toBe(before + 1);
            expect(await container.state()).toMatchObject({ id, status: 'running', pid: container.pid });
            expect((await container.exec(['cat', '/proc/1/comm'])).stdout).toBe('sh\n');
            await container.kill('SIGKILL');
            expect(await container.wait()).toMatchObject({ signal: 'SIGKILL', exitCode: null });
            await container.delete();
          },
          { outlive: true },
        );
      });
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );

  clause(
    'LIB-091 what cannot be saved or restored is an error, and all is as it was',
    async (box) => {
      const { id, spec } = specOf(box, counting);
      const images = join(box.directory, 'images');
      await outliving(box, async (runtime) => {
        const container = await runtime.create({ id, spec, stdio: piped });
        const text = printed(container);
        expect(await rejection(container.checkpoint({ images }))).toMatchObject({ code: 'NOT_RUNNING' });
        await container.start();
        for (const odd of [
          { cgroupMode: 'klingon' as 'soft' },
          { parent: '/absolute' },
          { pageServer: { address: '127.0.0.1', port: 0 } },
        ]) {
          expect(await rejection(container.checkpoint({ images, ...odd }))).toMatchObject({ code: 'INVALID_VALUE' });
        }
        expect(await rejection(container.checkpoint({ images: '' }))).toMatchObject({ code: 'INVALID_VALUE' });
        await goesOn(text, 0);
        expect(await rejection(runtime.restore({ spec, images: join(box.directory, 'absent') }))).toMatchObject({
          code: 'CHECKPOINT_INVALID',
        });
        expect(await rejection(runtime.restore({ images }))).toMatchObject({ code: 'CONFIG_MISSING' });
        await container.delete({ force: true });
        expect(readdirSync(box.stateRoot)).toEqual([]);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );

  clause(
    'LIB-092 an abort leaves the container running, or nothing of what was to be restored',
    async (box) => {
      const { id, spec } = specOf(box, counting);
      const reason = new Error('given up');
      const images = join(box.directory, 'images');
      await outliving(box, async (runtime) => {
        const container = await runtime.create({ id, spec, stdio: piped });
        const text = printed(container);
        await container.start();
        await goesOn(text, 0);
        const saving = new AbortController();
        const checkpoint = container.checkpoint({ images: join(box.directory, 'aborted'), signal: saving.signal });
        await until('CRIU is at work', () => existsSync(join(box.directory, 'aborted/dump.log')));
        saving.abort(reason);
        expect(await rejection(checkpoint)).toBe(reason);
        expect((await container.state()).status).toBe('running');
        await goesOn(text, last(text()));
        await container.checkpoint({ images });

        for (const moment of ['the state', 'CRIU'] as const) {
          const restoring = new AbortController();
          const work = join(box.directory, moment);
          const restore = runtime.restore({ id, spec, images, work, signal: restoring.signal, stdio: piped });
          const log = join(work, 'restore.log');
          await until(`${moment} is there`, () => (moment === 'CRIU' ? existsSync(log) : readdirSync(box.stateRoot).length > 0));
          restoring.abort(reason);
          expect(await rejection(restore)).toBe(reason);
          expect(readdirSync(box.stateRoot)).toEqual([]);
          expect(box.leftovers()).toEqual([]);
        }
      });
    },
    'CRIU',
    'runts',
  );
});
