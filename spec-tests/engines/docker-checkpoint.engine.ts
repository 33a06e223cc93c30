import { cpSync, existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { counting, last } from '../harness/criu.ts';
import { Docker } from './harness/docker.ts';
import { leftovers } from './harness/left.ts';
import { criuPath, needing } from './harness/runtime.ts';
import { runDirectory, until } from './harness/shell.ts';

needing('docker', 'dockerd', 'containerd', 'criu').describe('checkpoints of Docker', () => {
  let docker: Docker;
  beforeAll(async () => {
    process.env['PATH'] = criuPath;
    docker = await Docker.start(['--experimental']);
  });
  afterEach(() => docker.clear());
  afterAll(async () => {
    const left = leftovers([docker.stateRoot], /containerd-shim|usleep|criu/);
    await docker.stop();
    expect(left).toEqual([]);
  });

  const numbers = async (name: string): Promise<number[]> => (await docker.run('logs', name)).split('\n').map(Number);
  const reaches = (name: string, number: number): Promise<unknown> =>
    until(`${name} counts to ${number}`, async () => last(await docker.run('logs', name)) >= number);
  const counter = async (name: string, ...options: string[]): Promise<void> => {
    await docker.run('run', '-d', '--name', name, ...options, 'busybox', ...counting);
    await reaches(name, 3);
  };

  const checkpointsOf = async (name: string): Promise<string> =>
    join(runDirectory, 'docker/containers', await docker.inspect(name, '{{.Id}}'), 'checkpoints');
  /** dockerd cannot give containerd a checkpoint that is the same to the byte as the one that containerd gave it and has not yet thrown away. */
  async function startFrom(checkpoint: string, name: string): Promise<void> {
    utimesSync(join(await checkpointsOf(name), checkpoint, 'descriptors.json'), 1, 1);
    await docker.run('start', '--checkpoint', checkpoint, name);
  }

  test('checkpoint create, start --checkpoint: the counter goes on, and what is asked of a container works', async () => {
    await counter('c1', '--memory', '64m', '-v', 'volume:/v');
    await docker.run('checkpoint', 'create', 'c1', 'first');
    expect(await docker.inspect('c1', '{{.State.Status}}')).toBe('exited');
    expect(await docker.run('checkpoint', 'ls', 'c1')).toContain('first');
    const before = last(await docker.run('logs', 'c1'));
    await startFrom('first', 'c1');
    await reaches('c1', before + 5);
    const log = await numbers('c1');
    expect(log).toEqual(log.map((_, index) => index + 1));
    expect(await docker.inspect('c1', '{{.State.Status}}')).toBe('running');
    expect(await docker.run('exec', 'c1', 'sh', '-c', 'echo x > /v/file; cat /v/file; ls /sys/class/net')).toBe('x\neth0\nlo');
    expect(await docker.run('top', 'c1')).toContain('usleep');
    await docker.run('pause', 'c1');
    await docker.run('unpause', 'c1');
    await docker.run('checkpoint', 'create', 'c1', 'second');
    await startFrom('second', 'c1');
    await reaches('c1', log.length + 5);
    await docker.run('stop', '-t', '0', 'c1');
    expect(await docker.inspect('c1', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 137');
    await docker.run('start', 'c1');
    await until('it counts from the beginning', async () => (await numbers('c1')).filter((number) => number === 1).length === 2);
  });

  test('run --init: the init of Docker goes on, with the program as its child', async () => {
    await counter('c1', '--init');
    expect(await docker.run('exec', 'c1', 'cat', '/proc/1/comm')).toBe('docker-init');
    await docker.run('checkpoint', 'create', 'c1', 'first');
    const before = last(await docker.run('logs', 'c1'));
    await startFrom('first', 'c1');
    await reaches('c1', before + 5);
    expect(await docker.run('exec', 'c1', 'cat', '/proc/1/comm')).toBe('docker-init');
    await docker.run('stop', '-t', '0', 'c1');
    expect(await docker.inspect('c1', '{{.State.Status}}')).toBe('exited');
  });

  test('checkpoint create --leave-running --checkpoint-dir: the container goes on, and can go back to where it was', async () => {
    await counter('c1');
    const directory = join(runDirectory, 'checkpoints');
    await docker.run('checkpoint', 'create', '--leave-running', '--checkpoint-dir', directory, 'c1', 'one');
    const saved = last(await docker.run('logs', 'c1'));
    await reaches('c1', saved + 5);
    expect(await docker.run('exec', 'c1', 'echo', 'alive')).toBe('alive');
    expect(existsSync(join(directory, 'one/inventory.img'))).toBe(true);
    await docker.run('kill', 'c1');
    await until('it ends', async () => (await docker.inspect('c1', '{{.State.Status}}')) === 'exited');
    // dockerd starts nothing from a directory of its caller's.
    cpSync(join(directory, 'one'), join(await checkpointsOf('c1'), 'one'), { recursive: true });
    const before = await numbers('c1');
    await startFrom('one', 'c1');
    const next = await until('it goes on', async () => (await numbers('c1'))[before.length]);
    expect(next).toBeLessThanOrEqual(saved + 1);
  });
});
