// Standard streams that are kept: another process attaches to them by the id of the container.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { openDescriptors } from './descriptors.js';
import { library, libraryFile, rejection, specOf, withRuntime } from './library.ts';

const sh = (script: string): string[] => ['sh', '-c', script];

/** What a stream has given so far. */
function heard(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

/** Makes a container, speaks with it, and is killed. */
const maker = `
const { Runtime } = await import(process.argv[2]);
const { root, id, spec } = JSON.parse(process.argv[3]);
const container = await new Runtime({ root, outlive: true }).create({ id, spec, stdio: 'kept' });
await container.start();
const streams = await container.attach();
streams.stdin.write('one\\n');
for await (const chunk of streams.stdout) {
  console.log(String(chunk).trim());
  process.kill(process.pid, 'SIGKILL');
}
`;

describe('streams that are kept', () => {
  clause(
    'LIB-035 whoever comes after the process that made them goes on with them, one at a time',
    async (box) => {
      const { id, spec } = specOf(box, sh('while read line; do echo got $line; echo wrong $line >&2; done'));
      const file = join(box.directory, 'maker.mjs');
      writeFileSync(file, maker);
      const made = await box.host(['node', file, libraryFile, JSON.stringify({ root: box.stateRoot, id, spec })]);
      expect(made).toMatchObject({ status: 137, stdout: 'got one\n', stderr: '' });
      await withRuntime(box, async (runtime) => {
        const container = await runtime.container(id);
        const before = openDescriptors();
        const first = await container.attach();
        const [output, errors] = [heard(first.stdout), heard(first.stderr)];
        first.stdin.write('two\n');
        await until('it answers', () => output().includes('got two') && errors().includes('wrong two'));
        expect(errors()).toBe('wrong one\nwrong two\n');
        expect(await rejection(container.attach())).toMatchObject({ code: 'CONTAINER_BUSY' });
        expect(await rejection((await runtime.container(id)).attach())).toMatchObject({ code: 'CONTAINER_BUSY' });
        // Nobody listens to what it says to this.
        first.stdin.write('three\n');
        await until('it has answered', () => output().includes('got three'));
        await first[Symbol.asyncDispose]();
        expect(openDescriptors().filter((target) => target.includes('/streams/'))).toEqual([]);
        expect((await container.state()).status).toBe('running');

        const second = await container.attach();
        const later = heard(second.stdout);
        second.stdin.write('four\n');
        await until('it answers again', () => later() === 'got four\n');
        const ends = new Promise((resolve) => second.stdout.once('end', resolve));
        await container.kill('SIGKILL');
        await ends;
        await until('its descriptors are closed', () => openDescriptors().length <= before.length);
        await container.delete({ force: true });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-036 its last words wait, as much as a pipe holds, and what keeps no streams says so',
    async (box) => {
      const { id, spec } = specOf(box, sh('echo last; echo words >&2; exit 3'));
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec, stdio: 'kept' });
        expect([container.stdin, container.stdout, container.stderr]).toEqual([null, null, null]);
        await container.start();
        expect(await container.wait()).toMatchObject({ exitCode: 3 });
        const streams = await container.attach();
        const [output, errors] = [heard(streams.stdout), heard(streams.stderr)];
        await until('they are heard', () => output() === 'last\n' && errors() === 'words\n');
        await container.delete();

        const other = await runtime.create({ id, spec, stdio: 'pipe' });
        expect(await rejection(other.attach())).toMatchObject({ code: 'STREAMS_NOT_KEPT' });
        const reason = new Error('given up');
        expect(await rejection(other.attach({ signal: AbortSignal.abort(reason) }))).toBe(reason);
        await other.delete({ force: true });
        expect(await rejection(other.attach())).toMatchObject({ code: 'CONTAINER_UNKNOWN' });

        const terminal = { columns: 80, rows: 25 };
        expect(await rejection(runtime.create({ spec, stdio: 'kept', terminal }))).toMatchObject({ code: 'INVALID_VALUE' });
        const asked = { ...spec, process: { ...spec.process, terminal: true } } as typeof spec;
        expect(await rejection(runtime.create({ spec: asked, stdio: 'kept' }))).toMatchObject({ code: 'INVALID_VALUE' });
      });
      expect(openDescriptors().filter((target) => target.includes('/streams/'))).toEqual([]);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-037 of another user, in a sandbox, who opens them again',
    async (box) => {
      const { hostPrograms, sandbox } = library;
      const id = box.id();
      const host = hostPrograms(join(box.directory, 'host'));
      await withRuntime(box, async (runtime) => {
        const spec = sandbox({ ...host, args: sh('echo opened > /dev/stdout; echo so > /proc/self/fd/2; read line; echo $line') });
        const container = await runtime.create({ id, spec, stdio: 'kept' });
        const streams = await container.attach();
        const [output, errors] = [heard(streams.stdout), heard(streams.stderr)];
        await container.start();
        await until('it was opened', () => output() === 'opened\n' && errors() === 'so\n');
        streams.stdin.write('said\n');
        expect(await container.wait()).toMatchObject({ exitCode: 0 });
        await until('all was heard', () => output() === 'opened\nsaid\n');
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
