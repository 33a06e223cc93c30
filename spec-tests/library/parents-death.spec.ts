// The end of the process that has made containers, in whatever way: they end with it, and the next runtime of the root finds nothing.
import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { processesWith } from '../harness/leftovers.ts';
import { libraryFile, rejection, specOf, withArgs, withRuntime } from './library.ts';

/** Makes one container that runs and one that is only created, says so, and ends as it is told. Arguments: the library, options, specifications, the end. */
const parent = `
const [library, options, specs, end] = process.argv.slice(1);
const { Runtime } = await import(library);
const runtime = new Runtime(JSON.parse(options));
const [first, second] = JSON.parse(specs);
const container = await runtime.create(first);
await container.start();
await runtime.create(second);
console.log('made');
if (end === 'throws') throw new Error('as it may happen');
if (end === 'exits') process.exit(0);
if (end === 'hangs') setInterval(() => {}, 1000);
`;

/** What does all that a program can do so as not to end with whoever has started it. */
const hostile = (time: string): string[] => [
  'sh',
  '-c',
  `trap '' TERM INT HUP QUIT PIPE; (setsid sh -c "trap '' TERM INT HUP; while :; do sleep ${time}; done" &) ; while :; do sleep ${time}; done`,
];

function begin(box: Box, end: string, outlive: boolean) {
  const time = String(200_000_000 + process.pid * 100 + readdirSync(box.directory).length);
  const { id, spec } = specOf(box, hostile(time), (config) => {
    // Root of the host, but for its namespaces.
    config.linux.resources = { memory: { limit: 64 << 20 } };
  });
  const other = specOf(box, ['true']);
  const args = [libraryFile, JSON.stringify({ root: box.stateRoot, outlive })];
  const specs = JSON.stringify([{ id, spec: withArgs(spec, hostile(time)) }, other]);
  const running = box.background(['node', '--input-type=module', '--eval', parent, ...args, specs, end]);
  return { running, time, id };
}

describe("the parent's death", () => {
  for (const end of ['hangs', 'throws', 'exits', 'ends'] as const) {
    clause(
      `LIB-030 one that ${end === 'hangs' ? 'is killed' : end}`,
      async (box) => {
        const { running, time, id } = begin(box, end, false);
        if (end === 'hangs') {
          await until('the container runs', () => running.output().includes('made') && processesWith(time).length > 2);
          process.kill(running.pid, 'SIGKILL');
        }
        expect((await running.exited).stdout).toBe('made\n');
        await until('its processes are gone', () => processesWith(time).length === 0);
        // Whoever ends in an orderly way removes everything himself.
        if (end === 'hangs') expect(readdirSync(box.stateRoot)).toContain(id);
        else expect(readdirSync(box.stateRoot)).toEqual([]);
        await withRuntime(box, async (runtime) => expect(await runtime.list()).toEqual([]));
        expect(readdirSync(box.stateRoot)).toEqual([]);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause(
    'LIB-031 containers that are to outlive it do, and another runtime finds them',
    async (box) => {
      const { running, time, id } = begin(box, 'exits', true);
      await running.exited;
      await until('the container runs', () => processesWith(time).length > 2);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.container(id);
        expect((await container.state()).status).toBe('running');
        const ended = container.wait();
        await container.kill('SIGKILL');
        expect(await ended).toMatchObject({ exitCode: null, signal: null });
        for (const { id: left } of await runtime.list()) await (await runtime.container(left)).delete({ force: true });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-032 what cannot be made to end with it is refused',
    async (box) => {
      const { id, spec } = specOf(box, ['true'], (config) => {
        config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      await withRuntime(box, async (runtime) => {
        expect(await rejection(runtime.run({ id, spec }))).toMatchObject({ code: 'GUARD_USELESS', pointer: '/linux/namespaces' });
      });
      await withRuntime(box, async (runtime) => expect((await runtime.run({ id, spec })).exitCode).toBe(0), { outlive: true });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
