// Operations that are given up: whenever that is, nothing of them stays.
import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { processesWith } from '../harness/leftovers.ts';
import { rejection, specOf, withArgs, withRuntime } from './library.ts';

const reason = new Error('given up');

/** A number that no other process has in its command line. */
let last = 0;
const seconds = (): string => String(100_000_000 + process.pid * 100 + ++last);

describe('AbortSignal', () => {
  clause(
    'LIB-020 of create, before and at any moment of it',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        expect(await rejection(runtime.create({ id, spec, signal: AbortSignal.abort(reason) }))).toBe(reason);
        for (let moment = 0; moment < 24; moment++) {
          const controller = new AbortController();
          const creating = runtime.create({ id, spec, signal: controller.signal });
          for (let turn = 0; turn < moment; turn++) await new Promise((resolve) => setImmediate(resolve));
          controller.abort(reason);
          const outcome = await creating.then(
            (container) => container.delete({ force: true }),
            (error: unknown) => error,
          );
          expect([undefined, reason]).toContain(outcome);
          expect(readdirSync(box.stateRoot)).toEqual([]);
          expect(box.leftovers()).toEqual([]);
        }
      });
    },
    'runts',
  );

  clause(
    'LIB-021 of create and start while a hook hangs, which ends with it',
    async (box) => {
      for (const kind of ['createRuntime', 'createContainer', 'startContainer', 'poststart'] as const) {
        const time = seconds();
        const { id, spec } = specOf(box, ['sleep', '1000'], (config, bundle) => {
          const path = kind === 'createRuntime' || kind === 'poststart' ? '/bin/sleep' : bundle.rootfs && '/bin/sleep';
          config.hooks = { [kind]: [{ path, args: ['sleep', time] }] };
        });
        await withRuntime(box, async (runtime) => {
          const controller = new AbortController();
          const { signal } = controller;
          const running = runtime.create({ id, spec, signal }).then((container) => container.start({ signal }));
          running.catch(() => {});
          await until(`the ${kind} hook runs`, () => processesWith(time).length > 0);
          controller.abort(reason);
          expect(await rejection(running), kind).toBe(reason);
          expect(processesWith(time)).toEqual([]);
        });
        expect(box.leftovers()).toEqual([]);
      }
    },
    'runts',
  );

  clause(
    'LIB-022 of run, exec and wait',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const time = seconds();
        const running = new AbortController();
        const run = runtime.run({ id, spec: withArgs(spec, ['sleep', time]), signal: running.signal });
        run.catch(() => {});
        await until('the program runs', () => processesWith(time).length > 0);
        running.abort(reason);
        expect(await rejection(run)).toBe(reason);
        expect(box.leftovers()).toEqual([]);

        const container = await runtime.create({ id, spec });
        await container.start();
        const executing = new AbortController();
        const exec = container.exec(['sleep', time], { signal: executing.signal });
        exec.catch(() => {});
        await until('the process runs', () => processesWith(time).length > 0);
        executing.abort(reason);
        expect(await rejection(exec)).toBe(reason);
        expect(processesWith(time)).toEqual([]);

        const waiting = new AbortController();
        const wait = container.wait({ signal: waiting.signal });
        waiting.abort(reason);
        expect(await rejection(wait)).toBe(reason);
        expect((await container.state()).status).toBe('running');
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
