// What a container uses and what happens to it, as iterators that end with it.
import { describe, expect } from 'vitest';
import type { ContainerEvent } from '../../src/index.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { openDescriptors } from './descriptors.js';
import { rejection, specOf, withRuntime } from './library.ts';

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe('stats and events', () => {
  clause(
    'LIB-040 statistics until its end, and no descriptor stays',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        const before = openDescriptors();
        let count = 0;
        for await (const { cpu, pids } of container.stats({ interval: 1 })) {
          expect(cpu.usage.total).toBeGreaterThan(0n);
          expect(pids.current).toBe(1n);
          if (++count === 3) await container.kill('SIGKILL');
        }
        expect(count).toBeGreaterThanOrEqual(3);
        // A thread may be at the last of them still.
        await until('no descriptor stays', () => openDescriptors().length <= before.length);
        expect(await collect(container.stats())).toEqual([]);
        const gone = new AbortController();
        const waiting = collect(container.events({ signal: gone.signal }));
        expect((await waiting).map(({ type }) => type)).toEqual(['exit']);
        gone.abort();
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-041 kills for want of memory, refused processes, and last its exit',
    async (box) => {
      const script = 'tail /dev/zero; for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; kill -KILL $$';
      const { id, spec } = specOf(box, ['sh', '-c', `(${script.replace('; kill -KILL $$', '')}); exit 6`], (config) => {
        config.linux.resources = { memory: { limit: 16 << 20 }, pids: { limit: 5 } };
      });
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        const before = openDescriptors();
        const events = collect(container.events());
        await container.start();
        const all = await events;
        const counts = (type: ContainerEvent['type']) => all.filter((event) => event.type === type).length;
        expect(counts('oom')).toBeGreaterThanOrEqual(1);
        expect(counts('pids')).toBeGreaterThanOrEqual(1);
        expect(counts('exit')).toBe(1);
        expect(all.at(-1)).toMatchObject({ type: 'exit', signal: null });
        // A thread may be at the last of them still.
        await until('no descriptor stays', () => openDescriptors().length <= before.length);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-042 whoever stops listening leaves nothing',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        const before = openDescriptors();
        for await (const _ of container.stats()) break;
        const controller = new AbortController();
        const reason = new Error('enough');
        const listening = collect(container.events({ signal: controller.signal }));
        listening.catch(() => {});
        await container.state();
        controller.abort(reason);
        expect(await rejection(listening)).toBe(reason);
        expect(openDescriptors()).toEqual(before);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-043 pause and resume, by this process and by another one, and its exit',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        const told: string[] = [];
        const listening = (async () => {
          for await (const event of container.events()) told.push(event.type);
        })();
        const tells = (count: number) => until(`${count} events`, () => told.length >= count);
        await container.state();
        await container.pause();
        await tells(1);
        await container.resume();
        await tells(2);
        (await box.runtime(['pause', id])).ok();
        await tells(3);
        (await box.runtime(['resume', id])).ok();
        await tells(4);
        await container.pause();
        await tells(5);
        await container.delete({ force: true });
        await listening;
        // Its end has it go on.
        expect(told.filter((type, index) => type !== 'resume' || index < 4)).toEqual([
          'pause',
          'resume',
          'pause',
          'resume',
          'pause',
          'exit',
        ]);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-043 its exit, also when it is removed before anybody asks',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        await container.pause();
        const events = container.events();
        expect((await events.next()).value).toEqual({ type: 'pause' });
        await container.delete({ force: true });
        const told: string[] = [];
        for await (const event of events) told.push(event.type);
        expect(told.at(-1)).toBe('exit');
        await expect(container.events().next()).rejects.toMatchObject({ code: 'CONTAINER_UNKNOWN' });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-044 how long it had to wait for a processor, where the kernel counts that',
    async (box) => {
      const { id, spec } = specOf(box, ['sh', '-c', 'while :; do :; done'], (config) => {
        config.linux.resources = { cpu: { quota: 10_000, period: 100_000 } };
      });
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        const before = openDescriptors();
        const events = container.events();
        const first = events.next();
        await container.start();
        expect((await first).value).toMatchObject({ type: 'pressure', resource: 'cpu' });
        const { value } = await events.next();
        expect(value).toMatchObject({ type: 'pressure', resource: 'cpu' });
        expect((value as Extract<ContainerEvent, { type: 'pressure' }>).stalled).toBeGreaterThan(100_000);
        await events.return();
        await until('no descriptor stays', () => openDescriptors().length <= before.length);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'cgroup v2',
    '/proc/pressure/cpu',
    'runts',
  );
});
