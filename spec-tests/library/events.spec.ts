// What a container uses and what happens to it, as iterators that end with it.
import { describe, expect } from 'vitest';
import type { ContainerEvent } from '../../src/index.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { openDescriptors, rejection, specOf, withRuntime } from './library.ts';

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
});
