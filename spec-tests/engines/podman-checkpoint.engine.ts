import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { counting, last } from '../harness/criu.ts';
import { restoresConnections } from '../harness/needs.ts';
import { innerBundle } from './harness/bundle.ts';
import { leftovers } from './harness/left.ts';
import { Podman } from './harness/podman.ts';
import { criuPath, needing, runtime } from './harness/runtime.ts';
import { runDirectory, shell, tag, until } from './harness/shell.ts';

needing('podman', 'conmon', 'criu').describe('checkpoints of Podman', () => {
  let podman: Podman;
  beforeAll(async () => {
    process.env['PATH'] = criuPath;
    podman = await Podman.set();
  });
  afterEach(() => podman.clear());
  // A monitor goes once it has told Podman of the end.
  afterAll(() => until('nothing is left', () => leftovers([podman.stateRoot], /conmon|usleep|criu/).length === 0));

  const numbers = async (name: string): Promise<number[]> => (await podman.run('logs', name)).split('\n').map(Number);
  const reaches = (name: string, number: number): Promise<unknown> =>
    until(`${name} counts to ${number}`, async () => last(await podman.run('logs', name)) >= number);
  const background = (name: string, ...words: string[]): Promise<string> =>
    podman.run('run', '-d', '--cgroup-parent', `/${tag}`, '--name', name, ...words);
  const counter = async (name: string, ...options: string[]): Promise<void> => {
    await background(name, ...options, 'busybox', ...counting);
    await reaches(name, 3);
  };
  const inspect = (name: string, format: string): Promise<string> => podman.run('inspect', '-f', format, name);

  test('checkpoint, restore: the counter goes on, and what is asked of a container works', async () => {
    await counter('c1', '--memory', '64m', '-v', 'volume:/v');
    await podman.run('container', 'checkpoint', '--keep', 'c1');
    expect(await inspect('c1', '{{.State.Status}} {{.State.Checkpointed}}')).toBe('exited true');
    const before = last(await podman.run('logs', 'c1'));
    await podman.run('container', 'restore', '--keep', 'c1');
    await reaches('c1', before + 5);
    const log = await numbers('c1');
    expect(log.slice(0, before + 5)).toEqual(Array.from({ length: before + 5 }, (_, index) => index + 1));
    expect(await inspect('c1', '{{.State.Status}} {{.State.Restored}}')).toBe('running true');
    expect(await podman.run('exec', 'c1', 'sh', '-c', 'echo x > /v/file; cat /v/file')).toBe('x');
    expect(await podman.run('top', 'c1')).toContain('usleep');
    await podman.run('pause', 'c1');
    await podman.run('unpause', 'c1');
    await podman.run('stop', '-t', '0', 'c1');
    expect(await inspect('c1', '{{.State.ExitCode}}')).toBe('137');
    await podman.run('rm', 'c1');
  });

  test.skipIf(!restoresConnections(criuPath))(
    '--tcp-established: a connection within the container goes on, and without it is not saved',
    async () => {
      const sender = '(i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done)';
      const script = `sleep 100000 | nc -l -p 4711 > /got & until ${sender} | nc 127.0.0.1 4711; do :; done & ${counting[2]}`;
      await background('c1', 'busybox', 'sh', '-c', script);
      const received = async (): Promise<number> => last((await podman.run('exec', 'c1', 'tail', '-n', '1', '/got')) || '0');
      await until('something is received', async () => (await received()) > 3);
      await expect(podman.run('container', 'checkpoint', 'c1')).rejects.toThrow(/tcp-established/);
      const before = await received();
      await podman.run('container', 'checkpoint', '--tcp-established', 'c1');
      await podman.run('container', 'restore', '--tcp-established', 'c1');
      await until('more is received', async () => (await received()) > before + 3);
      await podman.run('rm', '-f', '-t', '0', 'c1');
    },
  );

  test('--export --leave-running, --import --name: a second one goes on beside the first, with the files that it had', async () => {
    await counter('c1');
    await podman.run('exec', 'c1', 'sh', '-c', 'echo kept > /file');
    const archive = join(runDirectory, 'checkpoint.tar.gz');
    await podman.run('container', 'checkpoint', '--leave-running', '--compress', 'gzip', '--export', archive, 'c1');
    const saved = last(await podman.run('logs', 'c1'));
    await reaches('c1', saved + 5);
    await podman.run('container', 'restore', '--import', archive, '--name', 'c2');
    await until('the second counts', async () => (await numbers('c2')).length > 5);
    expect((await numbers('c2'))[0]).toBeLessThanOrEqual(saved + 1);
    expect(await podman.run('exec', 'c2', 'cat', '/file')).toBe('kept');
    expect(await podman.run('exec', 'c1', 'cat', '/file')).toBe('kept');
    await podman.run('rm', '-f', '-t', '0', 'c1');
    await podman.run('container', 'restore', '--import', archive);
    expect(await podman.run('exec', 'c1', 'cat', '/file')).toBe('kept');
  });

  /** `restore` with the words that conmon has for it comes from conmon; what CRI-O calls itself has `=` behind --root. */
  test('the calls of CRI-O: checkpoint with its words, restore by conmon under another id', async () => {
    // Of its own: other tests have the configuration as it was.
    const bundle = join(runDirectory, 'crio');
    cpSync(await innerBundle(), bundle, { recursive: true, verbatimSymlinks: true });
    const [state, images] = ['state', 'images'].map((name) => join(bundle, name)) as [string, string];
    const file = join(bundle, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    config.process.args = counting;
    config.linux.cgroupsPath = `/${tag}/crio`;
    writeFileSync(file, JSON.stringify(config));
    const call = (...words: string[]): Promise<string> => shell([runtime, `--root=${state}`, ...words]);
    const status = async (id: string): Promise<string> => JSON.parse(await call('state', id)).status;
    const log = (id: string): number[] =>
      [...readFileSync(join(bundle, `${id}.log`), 'utf8').matchAll(/ stdout F (\d+)$/gm)].map(([, number]) => Number(number));
    const monitor = async (id: string, ...more: string[]): Promise<void> => {
      const paths = ['-b', bundle, '-p', join(bundle, `${id}.pid`), '-l', `k8s-file:${join(bundle, `${id}.log`)}`, '--exit-dir', bundle];
      const names = ['-c', id, '-u', id, '-n', id, '--full-attach', '--persist-dir', bundle];
      await shell(['conmon', ...paths, ...names, '-r', runtime, '--runtime-arg', `--root=${state}`, ...more]);
      await until(`${id} is made`, () => existsSync(join(bundle, `${id}.pid`)));
    };
    const remove = async (id: string): Promise<void> => {
      await call('kill', id, 'KILL');
      await until(`${id} ends`, async () => (await status(id)) === 'stopped');
      await call('delete', '--force', id);
    };
    await monitor('first');
    await call('start', 'first');
    await until('it counts', () => log('first').length > 3);
    await call('checkpoint', '--file-locks', '--image-path', images, '--work-path', bundle, '--leave-running', 'first');
    const saved = log('first').at(-1) ?? 0;
    expect(existsSync(join(bundle, 'dump.log'))).toBe(true);
    await until('it goes on', () => (log('first').at(-1) ?? 0) > saved + 3);
    await remove('first');
    await monitor('second', '--restore', images, '--runtime-opt', '--file-locks');
    await until('the other goes on', () => log('second').length > 3);
    expect(log('second')[0]).toBeLessThanOrEqual(saved + 1);
    expect(await status('second')).toBe('running');
    await remove('second');
    const told = join(bundle, 'second');
    await until('conmon tells the status', () => existsSync(told) && readFileSync(told, 'utf8') === '137');
  });
});
