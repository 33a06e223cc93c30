// Programs run by the library: what is told of them, and what they cannot do to whoever runs them.
import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { processesWith } from '../harness/leftovers.ts';
import { inCgroup, rejection, specOf, withArgs, withRuntime } from './library.ts';

const sh = (script: string): string[] => ['sh', '-c', script];

describe('run and exec', () => {
  clause(
    'LIB-010 status, streams apart, input and usage; no status is an error',
    async (box) => {
      const { id, spec } = specOf(box, sh('cat; echo wrong >&2; exit 3'));
      await withRuntime(box, async (runtime) => {
        const result = await runtime.run({ id, spec, input: 'given\n' });
        expect(result).toMatchObject({ exitCode: 3, signal: null, reason: 'exit', oomKilled: false, stdout: 'given\n', stderr: 'wrong\n' });
        expect(result.usage.userTime).toBeGreaterThanOrEqual(0);
        const bytes = await runtime.run({ id, spec: withArgs(spec, ['printf', '\\377\\376']), encoding: 'buffer' });
        expect([...bytes.stdout]).toEqual([255, 254]);
        const killed = await runtime.run({ id, spec: withArgs(spec, sh('sh -c "kill -KILL \\$PPID"; exec sleep 1000')), timeout: 500 });
        expect(killed).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'timeout' });
        expect(await rejection(runtime.run({ id, spec: withArgs(spec, ['absent']) }))).toMatchObject({ code: 'EXEC_NOT_FOUND' });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-011 its end is that of the process, whoever keeps its streams open, and however early it has closed them',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        expect(await container.exec(sh('echo early; exec >&- 2>&-; exit 7'))).toMatchObject({ exitCode: 7, stdout: 'early\n' });
        expect(await container.exec(sh('echo before; sleep 1000 & exit 5'))).toMatchObject({ exitCode: 5, stdout: 'before\n' });
        // It never reads what it is given, which is more than a pipe holds.
        expect(await container.exec(['true'], { input: Buffer.alloc(1 << 20) })).toMatchObject({ exitCode: 0 });
        const process = await container.spawn(sh('echo one; read line; echo two $line; exit 9'));
        let text = '';
        for await (const chunk of process.stdout ?? []) {
          text += chunk;
          if (text === 'one\n') process.stdin?.write('and\n');
        }
        expect(text).toBe('one\ntwo and\n');
        expect(await process.wait()).toMatchObject({ exitCode: 9 });
        const unread = await container.spawn(sh('echo nobody reads this; exit 4'));
        expect(await unread.wait()).toMatchObject({ exitCode: 4 });
        expect(String(unread.stdout?.read())).toBe('nobody reads this\n');
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-012 much output arrives whole, and a slow reader keeps its writer waiting',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        const size = 8 << 20;
        const process = await container.spawn(['dd', 'if=/dev/zero', 'bs=65536', `count=${size / 65536}`]);
        const hash = createHash('sha256');
        let count = 0;
        for await (const chunk of process.stdout ?? []) {
          hash.update(chunk);
          count += chunk.length;
          expect(process.stdout?.readableLength).toBeLessThan(1 << 20);
        }
        expect(count).toBe(size);
        expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(size)).digest('hex'));
        expect((await process.wait()).exitCode).toBe(0);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-013 a flood of output, a fork bomb, a memory bomb and a deaf process each end, and with their reason',
    async (box) => {
      const { id, spec } = specOf(box, ['true'], (config) => {
        config.linux.resources = { memory: { limit: 32 << 20 }, pids: { limit: 16 } };
      });
      await withRuntime(box, async (runtime) => {
        const flood = await runtime.run({ id, spec: withArgs(spec, ['yes']), maxOutput: 100_000 });
        expect(flood).toMatchObject({ reason: 'output', signal: 'SIGKILL' });
        expect(flood.stdout.length).toBe(100_000);
        const deaf = await runtime.run({
          id,
          spec: withArgs(spec, sh("trap '' TERM INT HUP; while :; do sleep 1000; done")),
          timeout: 300,
        });
        expect(deaf).toMatchObject({ reason: 'timeout', signal: 'SIGKILL' });
        const bomb = await runtime.run({ id, spec: withArgs(spec, sh('b() { b | b & b; }; b')), timeout: 2000 });
        expect(['pids', 'timeout']).toContain(bomb.reason);
        const memory = await runtime.run({ id, spec: withArgs(spec, ['tail', '/dev/zero']), timeout: 30_000 });
        expect(memory).toMatchObject({ reason: 'memory', oomKilled: true });
        expect(memory.usage.peakMemory).toBeGreaterThan(16 << 20);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-014 an exec that takes too long ends, its container goes on',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        expect(await container.exec(sh("trap '' TERM; sleep 900"), { timeout: 100 })).toMatchObject({
          reason: 'timeout',
          signal: 'SIGKILL',
        });
        expect((await container.state()).status).toBe('running');
        for (const options of [{ timeout: 0 }, { timeout: Number.NaN }, { maxOutput: -1 }, { encoding: 'klingon' as 'utf8' }]) {
          expect(await rejection(container.exec(['true'], options))).toMatchObject({ code: 'INVALID_VALUE' });
        }
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-015 eight at a time, by two runtimes of one root',
    async (box) => {
      const { spec } = specOf(box, sh('cat; exit 1'));
      const ids = Array.from({ length: 8 }, () => box.id());
      await withRuntime(box, (one) =>
        withRuntime(box, async (other) => {
          const results = await Promise.all(
            ids.map((id, index) => (index % 2 === 0 ? one : other).run({ id, spec: inCgroup(spec, id), input: id })),
          );
          expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(ids.map((id) => [1, id]));
          const same = ids[0] ?? '';
          const both = await Promise.allSettled([one, other].map((runtime) => runtime.create({ id: same, spec: inCgroup(spec, same) })));
          expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
          expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ID_TAKEN' } });
        }),
      );
      expect(box.leftovers()).toEqual([]);
      expect(processesWith(box.directory)).toEqual([]);
    },
    'runts',
  );
});
