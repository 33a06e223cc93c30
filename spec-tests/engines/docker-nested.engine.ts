import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programsOfMachine } from '../harness/machine.ts';
import { runDetached } from './harness/bundle.ts';
import { leftovers } from './harness/left.ts';
import { busyboxRootfs, needing, runtime, snippet } from './harness/runtime.ts';
import { attempt, type Finished, runDirectory, shell, tag, until } from './harness/shell.ts';

const directory = join(runDirectory, 'docker-nested');
const state = join(directory, 'state');
const id = `${tag}-docker`;

/** The bundle of docs/nesting.md, with the programs of this machine in place of an image's. */
function makeBundle(): void {
  const rootfs = join(directory, 'rootfs');
  const config = JSON.parse(snippet('nesting.md', 'docker.json'));
  const programs = programsOfMachine(rootfs, [dirname(runtime)]);
  for (const name of ['var/lib', 'var/tmp', 'root', 'work']) mkdirSync(join(rootfs, name), { recursive: true });
  symlinkSync('/run', join(rootfs, 'var/run'));
  writeFileSync(join(rootfs, 'start-docker'), snippet('nesting.md', 'start-docker'), { mode: 0o755 });
  for (const name of ['lib', 'etc', 'work']) mkdirSync(join(directory, name));
  // The host's own, in the /etc of this run.
  mkdirSync('/etc/docker', { recursive: true });
  writeFileSync(join(directory, 'etc/daemon.json'), snippet('docker.md', 'daemon.json'));
  const own = { '/etc/docker': 'etc', '/var/lib/docker': 'lib', '/work': 'work' };
  const binds = Object.entries(own).map(([destination, name]) => ({ destination, source: join(directory, name), options: ['rbind'] }));
  config.mounts = [...config.mounts.filter((mount: { destination: string }) => !(mount.destination in own)), ...programs, ...binds];
  config.linux.cgroupsPath = `/${tag}/${id}`;
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  cpSync(busyboxRootfs().tar, join(directory, 'work/busybox.tar'));
}

const run = (...words: string[]): Promise<string> => shell([runtime, '--root', state, ...words]);
const inside = (...words: string[]): Promise<string> => run('exec', id, ...words);
const attemptInside = (...words: string[]): Promise<Finished> => attempt([runtime, '--root', state, 'exec', id, ...words]);

needing('dockerd', 'containerd', 'docker', 'iptables').describe('Docker in a container of runts', () => {
  beforeAll(async () => {
    makeBundle();
    const log = await runDetached(state, directory, id);
    await until(`dockerd answers (see ${log})`, async () => inside('docker', 'version'), 60_000).catch(async (error: unknown) => {
      throw new Error(existsSync(log) ? await shell(['tail', '-n', '30', log]) : 'no log', { cause: error });
    });
    await inside('docker', 'import', '/work/busybox.tar', 'busybox');
  });

  afterAll(async () => {
    await run('kill', id, 'TERM');
    await until('dockerd has ended', async () => JSON.parse(await run('state', id)).status === 'stopped');
    await run('delete', id);
    expect(leftovers([state], /dockerd|containerd/)).toEqual([]);
  });

  test('hello-world: an image of one file', async () => {
    await inside(
      'sh',
      '-c',
      'mkdir /work/hello && cp /bin/busybox /work/hello/echo && printf "FROM scratch\\nCOPY echo /echo\\nCMD [\\"/echo\\", \\"Hello from Docker!\\"]\\n" > /work/hello/Dockerfile',
    );
    await inside('docker', 'build', '-t', 'hello-world', '/work/hello');
    expect(await inside('docker', 'run', '--rm', 'hello-world')).toBe('Hello from Docker!');
  });

  test.each(['runts', 'runc'])('its containers are made by %s', async (name) => {
    expect(await inside('docker', 'run', '--rm', '--runtime', name, 'busybox', 'cat', '/proc/1/comm')).toBe('cat');
  });

  test.for(['0', '1'])('docker build with DOCKER_BUILDKIT=%s', async (buildkit, { skip }) => {
    const dockerfile = 'FROM busybox\\nRUN echo built > /built\\nCMD cat /built\\n';
    await inside('sh', '-c', `mkdir /work/b${buildkit} && printf '${dockerfile}' > /work/b${buildkit}/Dockerfile`);
    const built = await attemptInside(
      'env',
      `DOCKER_BUILDKIT=${buildkit}`,
      'docker',
      'build',
      '-t',
      `built${buildkit}`,
      `/work/b${buildkit}`,
    );
    if (built.stderr.includes('buildx component is missing')) skip('this client has no buildx');
    expect(built.status, built.stderr).toBe(0);
    expect(await inside('docker', 'run', '--rm', `built${buildkit}`)).toBe('built');
  });

  test('a container with a port, and limits', async () => {
    await inside(
      'docker',
      'run',
      '-d',
      '--name',
      'web',
      '-p',
      '8080:80',
      '--memory',
      '64m',
      '--pids-limit',
      '50',
      'busybox',
      'httpd',
      '-f',
      '-h',
      '/var/www',
    );
    expect(await until('the port answers', () => inside('curl', '-s', 'http://127.0.0.1:8080/'))).toBe('it works');
    const limit = 'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null || true';
    expect(await inside('docker', 'exec', 'web', 'sh', '-c', limit)).toBe('50');
    await inside('docker', 'rm', '-f', 'web');
  });
});
