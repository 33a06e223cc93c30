// Processes with a terminal: one stream in and out, its size, its end.
import { describe, expect } from 'vitest';
import type { Terminal } from '../../src/index.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { openDescriptors } from './descriptors.js';
import { rejection, specOf, withArgs, withRuntime } from './library.ts';

const sh = (script: string): string[] => ['sh', '-c', script];
const terminal = { columns: 91, rows: 23 } as const;

/** What is printed on a terminal. */
function screen(shown: Terminal | null): () => string {
  let text = '';
  shown?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

describe('a terminal', () => {
  clause(
    'LIB-045 of the container and of an exec: what is typed, its size from the first moment on, and its change',
    async (box) => {
      const { id, spec } = specOf(box, sh('tty; stty size; read line; echo read $line; cat; exit 7'));
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec, terminal });
        const { terminal: shown } = container;
        expect([container.stdin, container.stdout, container.stderr]).toEqual([shown, shown, null]);
        const text = screen(shown);
        await container.start();
        await until('its size is told', () => text().includes('23 91'));
        shown?.write('typed\n');
        await until('the line is read', () => text().includes('read typed'));
        const changing = await container.spawn(sh('trap "stty size; exit 2" WINCH; echo ready; while :; do sleep 0.01; done'), {
          terminal,
        });
        const changed = screen(changing.terminal);
        await until('it waits for a change', () => changed().includes('ready'));
        changing.terminal?.resize({ columns: 120, rows: 40 });
        expect(await changing.wait()).toMatchObject({ exitCode: 2 });
        await until('its change is told', () => changed().includes('40 120'));
        for (const odd of [
          { columns: 0, rows: 1 },
          { columns: 1.5, rows: 1 },
          { columns: 1, rows: 70_000 },
        ]) {
          expect(() => shown?.resize(odd)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
        }
        const process = await container.spawn(sh('tty; stty size; cat; exit 6'), { terminal: { columns: 10, rows: 5 } });
        const other = screen(process.terminal);
        // What is typed is shown at once, in the midst of what is printed then.
        await until('its size is told', () => other().includes('5 10'));
        process.stdin?.end('not a whole line');
        expect(await process.wait()).toMatchObject({ exitCode: 6 });
        await until('all of it is shown', () => other().endsWith('not a whole line'));
        expect(other()).toMatch(/\/dev\/pts\/\d\r\n5 10\r\n/);
        // The character for the end of input, at the beginning of a line.
        shown?.end();
        expect(await container.wait()).toMatchObject({ exitCode: 7, signal: null });
        expect(() => shown?.resize(terminal)).toThrow(expect.objectContaining({ code: 'NOT_RUNNING' }));
        await container.delete();
        await until('its descriptors are closed', () => !openDescriptors().some((target) => target.includes('ptmx')));
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-046 run and exec collect what it shows, and whoever keeps it open, fills it or never reads it, its end is told',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const script = sh('cat; echo wrong >&2; exit 3');
        expect(await runtime.run({ id, spec: withArgs(spec, script), terminal, input: 'given\n' })).toMatchObject({
          exitCode: 3,
          reason: 'exit',
          stdout: 'given\r\ngiven\r\nwrong\r\n',
          stderr: '',
        });
        // The configuration may ask for it as well.
        const asked = withArgs(spec, sh('stty size'));
        const process = { ...asked.process, terminal: true, consoleSize: { width: 33, height: 11 } } as typeof asked.process;
        expect((await runtime.run({ id, spec: { ...asked, process } as typeof asked })).stdout).toBe('11 33\r\n');

        const container = await runtime.create({ id, spec });
        await container.start();
        const kept = await container.exec(sh('trap "" HUP; echo before; sleep 1000 & exit 5'), { terminal });
        expect(kept).toMatchObject({ exitCode: 5, stdout: 'before\r\n' });
        const filled = await container.exec(sh('trap "" HUP; yes & echo first; exit 4'), { terminal, maxOutput: 1 << 22 });
        expect(filled).toMatchObject({ exitCode: 4, reason: 'exit' });
        await container.exec(sh('kill -KILL -1'));
        const flood = await container.exec(['yes'], { terminal, maxOutput: 100_000 });
        expect(flood).toMatchObject({ reason: 'output', signal: 'SIGKILL' });
        expect(flood.stdout.length).toBe(100_000);
        const unread = await container.spawn(sh('echo nobody reads this; exit 4'), { terminal });
        expect(await unread.wait()).toMatchObject({ exitCode: 4 });
        expect(String(unread.stdout?.read())).toBe('nobody reads this\r\n');
        const closed = await container.spawn(sh('echo shown; exec >&- 2>&- <&-; exit 9'), { terminal });
        let text = '';
        for await (const chunk of closed.stdout ?? []) text += chunk;
        expect(text).toBe('shown\r\n');
        expect(await closed.wait()).toMatchObject({ exitCode: 9 });
        for (const odd of [{ stdio: 'pipe' as const, terminal }, { terminal: { columns: -1, rows: 1 } }]) {
          expect(await rejection(container.spawn(['true'], odd))).toMatchObject({ code: 'INVALID_VALUE' });
          expect(await rejection(runtime.create({ spec, ...odd }))).toMatchObject({ code: 'INVALID_VALUE' });
        }
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-047 much of it arrives whole however slowly it is read, more than it holds can be typed, and it hangs up when it is destroyed',
    async (box) => {
      const { id, spec } = specOf(box, ['sleep', '1000']);
      await withRuntime(box, async (runtime) => {
        const container = await runtime.create({ id, spec });
        await container.start();
        const lines = 200_000;
        const process = await container.spawn(sh(`stty -opost; seq ${lines}`), { terminal });
        let text = '';
        for await (const chunk of process.stdout ?? []) {
          text += chunk;
          expect(process.stdout?.readableLength).toBeLessThan(1 << 18);
        }
        expect(text).toBe(Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join(''));
        expect(await process.wait()).toMatchObject({ exitCode: 0 });

        const size = 1 << 20;
        const typist = await container.spawn(sh(`stty raw -echo; echo ready; head -c ${size} | wc -c`), { terminal });
        const told = screen(typist.terminal);
        await until('it reads', () => told().includes('ready'));
        typist.stdin?.write(Buffer.alloc(size, 'x'));
        expect(await typist.wait()).toMatchObject({ exitCode: 0 });
        await until('all was read', () => told().includes(String(size)));

        // One that reads may be told so by an error before the kernel sends it the signal.
        const listener = await container.spawn(['sleep', '1000'], { terminal });
        listener.terminal?.destroy();
        expect(await listener.wait()).toMatchObject({ signal: 'SIGHUP' });
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
