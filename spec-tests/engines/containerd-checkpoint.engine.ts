import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { last } from '../harness/criu.ts';
import { startContainerd } from './harness/docker.ts';
import { busyboxArchive } from './harness/image.ts';
import { leftovers } from './harness/left.ts';
import { criuPath, needing, snippet, standInForRunc } from './harness/runtime.ts';
import { attempt, type Daemon, runDirectory, shell, tag, until } from './harness/shell.ts';

const namespace = 'checkpoints';
const ctr = (...args: string[]): Promise<string> => shell(['ctr', '-n', namespace, ...args]);
const image = 'docker.io/library/busybox:latest';
/** Nobody reads what a task prints once ctr has gone. */
const counting = 'i=0; while :; do i=$((i+1)); echo $i >> /n; usleep 20000; done';

needing('containerd', 'ctr', 'criu').describe('checkpoints of containerd', () => {
  let containerd: Daemon;
  beforeAll(async () => {
    process.env['PATH'] = criuPath;
    standInForRunc();
    containerd = await startContainerd('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    const archive = await busyboxArchive([image], { Cmd: ['sh'], Env: ['PATH=/bin'] });
    await ctr('image', 'import', archive);
  });
  afterEach(async () => {
    for (const id of ['c1', 'c2']) {
      await attempt(['ctr', '-n', namespace, 'task', 'rm', '-f', id]);
      await attempt(['ctr', '-n', namespace, 'container', 'rm', id]);
    }
  });
  afterAll(async () => {
    const left = leftovers([`/run/containerd/runc/${namespace}`], /containerd-shim|usleep|criu/);
    await containerd.stop();
    expect(left).toEqual([]);
  });

  const exec = (id: string, ...words: string[]): Promise<string> =>
    ctr('task', 'exec', '--exec-id', `e${Math.random().toString(36).slice(2)}`, id, ...words);
  const number = async (id: string): Promise<number> => last(await exec(id, 'cat', '/n'));
  const reaches = (id: string, wanted: number): Promise<unknown> =>
    until(`${id} counts to ${wanted}`, async () => (await number(id)) >= wanted);
  const counter = async (id: string): Promise<void> => {
    const documented = /--runc-binary \S+/.exec(snippet('containerd.md', 'ctr'))?.[0].split(' ') ?? [];
    await ctr('run', '--detach', ...documented, '--cgroup', `/${tag}/${id}`, image, id, 'sh', '-c', counting);
    await reaches(id, 3);
  };
  const ends = (id: string): Promise<unknown> =>
    until(`${id} ends`, async () => new RegExp(`${id}\\s+\\d+\\s+STOPPED`).test(await ctr('task', 'ls')));

  test('task checkpoint: images in a directory, and the task goes on, or ends with --exit', async () => {
    await counter('c1');
    const [images, work] = ['images', 'work'].map((name) => join(runDirectory, `ctr-${name}`)) as [string, string];
    await ctr('task', 'checkpoint', '--image-path', images, '--work-path', work, 'c1');
    for (const file of ['inventory.img', 'descriptors.json']) expect(existsSync(join(images, file))).toBe(true);
    expect(existsSync(join(work, 'dump.log'))).toBe(true);
    await reaches('c1', (await number('c1')) + 5);
    await ctr('task', 'checkpoint', '--exit', '--image-path', join(images, 'second'), 'c1');
    await ends('c1');
  });

  test('container checkpoint --task --rw, container restore --live --rw: a task goes on elsewhere', async () => {
    await counter('c1');
    await ctr('container', 'checkpoint', '--image', '--task', '--rw', 'c1', 'localhost/checkpoint:1');
    const before = await number('c1');
    await ctr('task', 'rm', '-f', 'c1');
    await ctr('container', 'rm', 'c1');
    await ctr('container', 'restore', '--live', '--rw', 'c2', 'localhost/checkpoint:1');
    await reaches('c2', before + 5);
    await ctr('task', 'pause', 'c2');
    await ctr('task', 'resume', 'c2');
    await ctr('task', 'kill', '-s', 'KILL', 'c2');
    await ends('c2');
  });
});
