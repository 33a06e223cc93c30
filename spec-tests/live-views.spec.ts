import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { isKernelSince, type Need } from './harness/needs.ts';

const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void => anyRuntime(title, body, 'runts', ...needs);

interface Figures {
  readonly id: string;
  readonly cpuPercent?: number;
  readonly memory?: number;
  readonly memoryLimit?: number;
  readonly pids?: number;
  readonly pidsLimit?: number;
}

const megabyte = 1 << 20;

const running = (box: Box, args: readonly string[]): Promise<Container> =>
  box.started(
    box.bundle((config) => {
      config.linux.resources = { memory: { limit: 64 * megabyte }, pids: { limit: 20 } };
      config.process.args = [...args];
    }),
  );

/** What it has shown so far, look by look. */
const roundsOf =
  (watching: { output(): string }): (() => Figures[][]) =>
  () =>
    watching
      .output()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Figures[]);

const idle = ['sleep', '1000'];
const busy = ['sh', '-c', 'while :; do :; done'];
const soon = ['--interval', '200ms'];

describe('stats', () => {
  clause('CLI-070 of all that run, as a table of 80 columns and as JSON', async (box) => {
    const [one, other] = [await running(box, busy), await running(box, idle)];
    const created = await box.create(box.bundle());
    const all = (await box.runtime(['stats', '--no-stream', '--format', 'json', ...soon])).ok().json<Figures[]>();
    expect(all.map(({ id }) => id).toSorted()).toEqual([one.id, other.id, created.id].toSorted());
    expect(all.find(({ id }) => id === one.id)).toMatchObject({ memoryLimit: 64 * megabyte, pids: 1, pidsLimit: 20 });
    expect(all.find(({ id }) => id === one.id)?.cpuPercent).toBeGreaterThan(0);
    const lines = (await box.runtime(['stats', '--no-stream', ...soon])).ok().stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^ID +CPU% +MEM +MEM% +PIDS +PCPU% +PMEM% +PIO% +READ\/s +WRITE\/s$/);
    for (const line of lines) expect(line).toHaveLength(80);
  });

  clause('CLI-070 of those that are named, in their order, until they have ended', async (box) => {
    const [one, other] = [await running(box, idle), await running(box, idle)];
    const watching = box.launch(['stats', '--format', 'json', ...soon, other.id, one.id]);
    const rounds = roundsOf(watching);
    await until('a look at both', () => rounds().length > 0);
    expect(rounds()[0]?.map(({ id }) => id)).toEqual([other.id, one.id]);
    (await other.kill('KILL')).ok();
    await until('a look at one', () => rounds().at(-1)?.length === 1);
    (await one.kill('KILL')).ok();
    expect((await watching.exited).status).toBe(0);
  });

  clause('CLI-070 of one that does not exist, or has ended, an error', async (box) => {
    const ended = await running(box, ['true']);
    await ended.reaches('stopped');
    for (const id of ['nobody', ended.id]) expect((await box.runtime(['stats', '--no-stream', ...soon, id])).status).toBe(1);
    expect((await box.runtime(['stats', '--no-stream', '--format', 'json', ...soon])).ok().json()).toEqual([]);
  });

  clause('LNX-059 of one without a cgroup of its own, a row without figures', async (box) => {
    const bundle = box.bundle((config) => {
      delete config.linux.resources;
      delete config.linux.cgroupsPath;
    });
    const global = ['--cgroup-manager', 'disabled'];
    await box.started(bundle, { global });
    expect((await box.runtime(['stats', '--no-stream', '--format', 'json', ...soon])).ok().json()).toEqual([{ id: bundle.id }]);
  });
});

describe('top', () => {
  clause('CLI-061 the largest first, with a sum, and new ones are followed', async (box) => {
    const [calm, wild] = [await running(box, idle), await running(box, busy)];
    const watching = box.launch(['top', '--format', 'json', ...soon]);
    const rounds = roundsOf(watching);
    await until('a look', () => rounds().length > 0);
    expect(rounds()[0]?.map(({ id }) => id)).toEqual([wild.id, calm.id]);
    const late = await running(box, idle);
    await until(
      'a look at the new one',
      () =>
        rounds()
          .at(-1)
          ?.some(({ id }) => id === late.id) === true,
    );
    (await wild.kill('KILL')).ok();
    await until(
      'a look without it',
      () =>
        rounds()
          .at(-1)
          ?.every(({ id }) => id !== wild.id) === true,
    );
    watching.stop();
    const { stdout } = (await box.runtime(['top', '--rounds', '1', '--sort', 'id', ...soon])).ok();
    expect(stdout).toMatch(/^2 containers, 2 pids, cpu [\d.]+ %, memory \S+\nID /);
    expect(stdout).not.toContain('\u001b');
  });

  clause('CLI-061 a container that is made anew under its id has no figures of the former', async (box) => {
    const first = await running(box, busy);
    const watching = box.launch(['top', '--format', 'json', ...soon]);
    await until('a look', () => watching.output().includes(first.id));
    (await box.runtime(['delete', '--force', first.id])).ok();
    await box.create(first.bundle);
    const looks = watching.output().split('\n').length;
    await until('more looks', () => watching.output().split('\n').length > looks + 2);
    const percents = watching
      .output()
      .split('\n')
      .filter(Boolean)
      .flatMap((line) => (JSON.parse(line) as Figures[]).map(({ cpuPercent = 0 }) => cpuPercent));
    expect(Math.min(...percents)).toBeGreaterThanOrEqual(0);
    watching.stop();
  });

  clause(
    'CLI-061 on a terminal in place, of no more lines and columns than that has',
    async (box) => {
      for (let count = 0; count < 4; count++) await box.create(box.bundle());
      const words = box.insideWords(['top', '--rounds', '2', ...soon]);
      const script = `import pty, sys, os, fcntl, termios, struct
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 5, 90, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
out = b''
while True:
    try: piece = os.read(fd, 65536)
    except OSError: break
    if not piece: break
    out += piece
os.waitpid(pid, 0)
sys.stdout.buffer.write(out)`;
      const { stdout } = (await box.host(['/usr/bin/python3', '-c', script, ...words])).ok();
      const screens = stdout.replaceAll('\r', '').split('\u001b[H').slice(1);
      expect(screens).toHaveLength(2);
      for (const screen of screens) {
        const lines = screen.split('\n');
        expect(lines).toHaveLength(5);
        expect(lines[3]).toContain('… 3 more');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences of the terminal
        for (const line of lines) expect(line.replace(/\u001b\[\d*[mKJ]/g, '').length).toBeLessThanOrEqual(90);
      }
    },
    '/usr/bin/python3',
  );
});

describe('events --follow', () => {
  clause('CLI-068 tells of the end, with its status or signal', async (box) => {
    const shell = await running(box, ['sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done']);
    await shell.prints(/ready/);
    const frequent = ['--interval', '50ms', shell.id];
    const watching = box.launch(['events', '--follow', ...frequent]);
    const plain = box.launch(['events', ...frequent]);
    await until('both watch', () => watching.output() !== '' && plain.output() !== '');
    (await shell.kill('TERM')).ok();
    const { status, stdout } = await watching.exited;
    expect(status).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id: string; data: object });
    // Before Linux 6.15 root alone is told, and only until somebody has reaped the process.
    expect(events.at(-1)).toEqual({ type: 'exit', id: shell.id, data: isKernelSince('6.15') ? { status: 9 } : expect.any(Object) });
    // What engines read stays as it is.
    const others = await plain.exited;
    expect(others.status).toBe(0);
    expect(others.stdout).not.toContain('"type":"exit"');
  });

  clause('CLI-068 a signal that has killed it is told', async (box) => {
    const container = await running(box, idle);
    const watching = box.launch(['events', '--follow', '--interval', '50ms', container.id]);
    await until('it watches', () => watching.output() !== '');
    (await container.kill('KILL')).ok();
    const { stdout } = await watching.exited;
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as object;
    expect(last).toEqual({ type: 'exit', id: container.id, data: isKernelSince('6.15') ? { status: 137, signal: 9 } : expect.any(Object) });
  });
});
