import { afterAll, beforeAll, expect, test } from 'vitest';
import { Docker } from './harness/docker.ts';
import { leftovers } from './harness/left.ts';
import { needing } from './harness/runtime.ts';

/** How many containers; SOAK= for more or fewer. */
const rounds = Number(process.env['SOAK'] ?? 500);
const workers = 4;

needing('docker', 'dockerd', 'containerd').describe('many containers', () => {
  let docker: Docker;
  beforeAll(async () => {
    docker = await Docker.start();
  });
  afterAll(() => docker.stop());

  /** One of three things that happen all day: a short run, an exec into a container that then is killed, a failing program. */
  async function round(number: number): Promise<void> {
    if (number % 10 === 3) return execAndKill(`soak${number}`);
    if (number % 10 === 7) {
      expect((await docker.attempt('run', '--rm', '--network', 'none', 'busybox', 'nothing')).status).toBe(127);
      return;
    }
    const result = await docker.attempt('run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', `echo ${number}; exit ${number % 200}`);
    expect(result).toEqual({ status: number % 200, stdout: String(number), stderr: '' });
  }

  async function execAndKill(name: string): Promise<void> {
    await docker.run('run', '-d', '--network', 'none', '--name', name, 'busybox', 'sleep', '1000');
    expect(await docker.run('exec', name, 'echo', name)).toBe(name);
    expect((await docker.attempt('exec', name, 'sh', '-c', 'exit 9')).status).toBe(9);
    await docker.run('kill', name);
    expect(await docker.run('wait', name)).toBe('137');
    await docker.run('rm', name);
  }

  test(`${rounds} of them, ${workers} at once, leave nothing`, { timeout: 3_600_000 }, async () => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < rounds) await round(next++);
    };
    await Promise.all(Array.from({ length: workers }, worker));
    expect(await docker.run('ps', '-aq')).toBe('');
    expect(leftovers([docker.stateRoot, '/run/containerd/io.containerd.runtime.v2.task/moby'], /containerd-shim|sleep 1000/)).toEqual([]);
  });
});
