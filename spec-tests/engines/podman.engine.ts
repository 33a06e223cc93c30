import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { leftovers } from './harness/left.ts';
import { Podman } from './harness/podman.ts';
import { needing, runtime } from './harness/runtime.ts';
import { attempt, runDirectory, shell, tag, until } from './harness/shell.ts';
import { atTerminal } from './harness/terminal.ts';

needing('podman', 'conmon').describe('Podman', () => {
  let podman: Podman;
  beforeAll(async () => {
    podman = await Podman.set();
  });
  afterEach(() => podman.clear());
  afterAll(() => {
    expect(leftovers([podman.stateRoot], /conmon|while :; do sleep/)).toEqual([]);
  });

  test('Podman knows runts and its version', async () => {
    expect(await podman.run('info', '-f', '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}')).toBe(`runts ${runtime}`);
    expect(await podman.run('info', '-f', '{{.Host.OCIRuntime.Version}}')).toMatch(/runts version \d+\.\d+\.\d+/);
  });

  test('run: output, status and streams', async () => {
    const result = await podman.attempt(...podman.words('busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42'));
    expect(result).toEqual({ status: 42, stdout: 'out', stderr: 'err' });
    expect((await podman.with({ input: 'typed\n' }, ...podman.words('-i', 'busybox', 'cat'))).stdout).toBe('typed');
  });

  test.each([
    [127, 'nothing', /executable file `?nothing`? not found in \$PATH|executable file not found in \$PATH/],
    [127, '/nothing', /no such file or directory/],
    [126, '/etc', /permission denied/],
    [126, '/etc/passwd', /permission denied: its mode is 0644/],
  ])('a program that cannot be executed: status %d for %s', async (status, program, words) => {
    const result = await podman.attempt(...podman.words('busybox', program));
    expect(result.stderr).toMatch(words);
    expect(result.status).toBe(status);
  });

  test('exec, kill, stop, pause', async () => {
    await podman.background('c1');
    expect((await podman.attempt('exec', 'c1', 'sh', '-c', 'exit 7')).status).toBe(7);
    expect((await podman.attempt('exec', 'c1', 'nothing')).status).toBe(127);
    expect((await podman.attempt('exec', 'c1', '/etc/passwd')).status).toBe(126);
    expect(await podman.run('exec', '-u', '1000', '-w', '/tmp', '-e', 'A=1', 'c1', 'sh', '-c', 'id -u; pwd; echo $A')).toBe(
      '1000\n/tmp\n1',
    );
    await podman.run('pause', 'c1');
    expect((await podman.attempt('exec', 'c1', 'true')).status).not.toBe(0);
    await podman.run('unpause', 'c1');
    await podman.run('stop', 'c1');
    expect(await podman.run('inspect', '-f', '{{.State.ExitCode}}', 'c1')).toBe('0');
    await podman.run('start', 'c1');
    await podman.run('kill', 'c1');
    expect(await podman.run('wait', 'c1')).toBe('137');
  });

  test('a terminal of run and of exec', async () => {
    const steps = [
      ['expect', '# '],
      ['type', 'stty size; tty; exit 3\n'],
      ['expect', '30 100\\s+/dev/pts/0'],
    ] as const;
    const ran = await atTerminal(['podman', ...podman.words('-it', 'busybox', 'sh')], steps);
    expect(ran.status, ran.stdout).toBe(3);
    await podman.background('c1');
    const executed = await atTerminal(['podman', 'exec', '-it', 'c1', 'sh'], steps);
    expect(executed.status, executed.stdout).toBe(3);
  });

  test('preserved descriptors arrive', async () => {
    const command = ['podman', ...podman.words('--preserve-fds', '1', 'busybox', 'sh', '-c', 'cat <&3')];
    expect(await shell(['bash', '-c', 'exec 3<<<passed; exec "$@"', 'bash', ...command])).toBe('passed');
  });

  test('limits and their update, no cgroup at all', async () => {
    await podman.background('c1', '--memory', '64m', '--pids-limit', '50');
    await podman.run('update', '--memory', '96m', 'c1');
    const inside = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null';
    expect(await podman.run('exec', 'c1', 'sh', '-c', `${inside}; true`)).toBe(String(96 << 20));
    expect(await podman.run('run', '--rm', '--cgroups', 'disabled', 'busybox', 'echo', 'free')).toBe('free');
  });

  test.each(['0', '-1'])('no limit of processes: %s', async (none) => {
    const inside = 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; true';
    expect(await podman.sh(inside, '--pids-limit', none)).toBe('max');
  });

  test('a read-only root, a user namespace, capabilities, a pod', async () => {
    expect(await podman.sh('echo x > /x || echo refused; echo y > /tmp/y; cat /tmp/y', '--read-only')).toBe('refused\ny');
    expect(await podman.sh('cat /proc/self/uid_map | tr -s " "', '--uidmap', '0:100000:5000')).toBe('0 100000 5000');
    expect(await podman.sh('grep CapEff /proc/self/status', '--cap-drop', 'all')).toMatch(/0{16}$/);
    await podman.run(
      'pod',
      'create',
      '--name',
      'pod1',
      '--cgroup-parent',
      `/${tag}`,
      '--infra-image',
      'busybox',
      '--infra-command',
      '/bin/sleep 1000',
    );
    await podman.run('run', '-d', '--pod', 'pod1', 'busybox', 'httpd', '-f', '-h', '/var/www');
    const fetch = ['run', '--rm', '--pod', 'pod1', 'busybox', 'wget', '-qO-', 'http://127.0.0.1/'];
    expect(await until('the neighbour answers', () => podman.run(...fetch))).toBe('it works');
  });

  test('a health check', async () => {
    await podman.background('c1', '--health-cmd', 'true', '--health-interval', 'disable');
    expect((await podman.attempt('healthcheck', 'run', 'c1')).status).toBe(0);
  });

  needing('buildah').test('build', async () => {
    const directory = join(runDirectory, 'podman-build');
    mkdirSync(directory);
    writeFileSync(
      join(directory, 'Dockerfile'),
      'FROM busybox\nRUN echo built > /built\nUSER 1000\nWORKDIR /made\nCMD cat /built; pwd; id -u\n',
    );
    await podman.run('build', '--network', 'none', '-t', 'built', directory);
    expect(await podman.run(...podman.words('built'))).toBe('built\n/made\n1000');
  });

  test('the probes for checkpoints', async () => {
    expect(await shell([runtime, 'checkpoint', '--help'])).toMatch(/checkpoint/);
    expect((await attempt([runtime, 'restore', '--lsm-mount-context'])).stderr).toContain('flag needs an argument');
  });
});
