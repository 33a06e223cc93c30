// A container by the library: Runtime and Container, and what is left of them.
import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Process } from '../../src/index.ts';
import { clause } from '../harness/clause.ts';
import { openDescriptors } from './descriptors.js';
import { inCgroup, RuntimeError, rejection, specOf, withArgs, withRuntime } from './library.ts';

const code = (error: unknown): unknown => (error instanceof RuntimeError ? error.code : error);

describe('Runtime', () => {
  clause(
    'LIB-001 create, start, exec, state, list, kill, wait and delete',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        expect(await container.state()).toMatchObject({ id, status: 'created', pid: container.pid });
        await container.start();
        expect(await runtime.state(id)).toMatchObject({ status: 'running', pid: container.pid });
        expect((await runtime.list()).map((state) => state.id)).toEqual([id]);
        expect((await container.exec(['echo', 'inside'])).stdout).toBe('inside\n');
        expect(await container.processes()).toEqual([container.pid]);
        await container.pause();
        expect((await container.state()).status).toBe('paused');
        expect(code(await rejection(container.exec(['true'])))).toBe('PAUSED');
        await container.resume();
        const ended = container.wait();
        await container.kill('SIGKILL');
        expect(await ended).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
        expect((await container.state()).status).toBe('stopped');
        await container.delete();
        expect(code(await rejection(container.state()))).toBe('CONTAINER_UNKNOWN');
        expect(await runtime.list()).toEqual([]);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-002 an error is the one of the command line, with its members, wherever it was thrown',
    async (box) => {
      const { id, spec } = specOf(box, ['true'], (config) => {
        config.mounts.push({ destination: '/data', type: 'nosuchfs', source: 'none' });
      });
      await withRuntime(box, async (runtime) => {
        const error = await rejection(runtime.create({ id, spec }));
        expect(error).toBeInstanceOf(RuntimeError);
        expect(error).toMatchObject({
          code: 'MOUNT_TYPE_UNKNOWN',
          pointer: '/mounts/6',
          errno: 'ENODEV',
          cause: { code: 'MOUNT_TYPE_UNKNOWN' },
        });
        const refused = await rejection(
          runtime.create({ id, spec: { ...spec, process: { ...withArgs(spec, ['true']).process, cwd: 'tmp' } as Process } }),
        );
        expect(refused).toMatchObject({ code: 'INVALID_SPEC', problems: [{ pointer: '/process/cwd' }] });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-003 what a runtime has made goes with it, running or not, and no descriptor stays',
    async (box) => {
      const { spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, (runtime) => runtime.run({ id: box.id(), spec: withArgs(spec, ['true']) }));
      const before = openDescriptors();
      const ids = [box.id(), box.id(), box.id()] as const;
      await withRuntime(box, async (runtime) => {
        const made = await Promise.all(ids.map((id) => runtime.create({ id, spec: inCgroup(spec, id), stdio: 'pipe' })));
        await made[0]?.start();
        expect(readdirSync(box.stateRoot).sort()).toEqual([...ids].sort());
      });
      expect(box.leftovers()).toEqual([]);
      expect(openDescriptors()).toEqual(before);
    },
    'runts',
  );

  clause(
    'LIB-004 a container is itself, and not what bears its name later',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const first = await runtime.create({ id, spec });
        expect((await box.runtime(['delete', '--force', id])).status).toBe(0);
        await withRuntime(box, async (other) => {
          const second = await other.create({ id, spec });
          const operations = [() => first.state(), () => first.kill('SIGKILL'), () => first.exec(['true']), () => first.start()];
          for (const operation of operations) {
            expect(code(await rejection(operation()))).toBe('CONTAINER_UNKNOWN');
          }
          await first.delete({ force: true });
          expect((await second.state()).status).toBe('created');
        });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
