import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Docker } from './harness/docker.ts';
import { leftovers } from './harness/left.ts';
import { needing, runtime } from './harness/runtime.ts';
import { attempt, runDirectory, shell, until } from './harness/shell.ts';
import { atTerminal } from './harness/terminal.ts';

const unified = (await attempt(['test', '-e', '/sys/fs/cgroup/cgroup.controllers'])).status === 0;

needing('docker', 'dockerd', 'containerd').describe('Docker', () => {
  let docker: Docker;
  beforeAll(async () => {
    docker = await Docker.start();
  });
  afterEach(() => docker.clear());
  afterAll(async () => {
    const left = leftovers([docker.stateRoot], /containerd-shim|while :; do sleep/);
    await docker.stop();
    expect(left).toEqual([]);
  });

  test('dockerd knows runts, its version and its commit', async () => {
    expect(await docker.run('info', '-f', '{{.DefaultRuntime}}')).toBe('runts');
    const path = await docker.run('info', '-f', '{{(index .Runtimes "runts").Path}}');
    expect(path).toBe(runtime);
  });

  test('run: output, status and streams', async () => {
    const result = await docker.attempt('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42');
    expect(result).toEqual({ status: 42, stdout: 'out', stderr: 'err' });
    const big = await docker.run('run', '--rm', 'busybox', 'sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x');
    expect(big).toHaveLength(3_000_000);
    expect((await docker.with({ input: 'typed\n' }, 'run', '--rm', '-i', 'busybox', 'cat')).stdout).toBe('typed');
  });

  test.each([
    [127, 'nothing', /executable file not found in \$PATH/],
    [127, '/nothing', /no such file or directory/],
    [126, '/etc', /permission denied/],
    [126, '/etc/passwd', /permission denied: its mode is 0644/],
  ])('a program that cannot be executed: status %d for %s', async (status, program, words) => {
    const result = await docker.attempt('run', '--rm', 'busybox', program);
    expect(result.stderr).toMatch(words);
    expect(result.status).toBe(status);
  });

  test('signals, stop and kill', async () => {
    await docker.background('c1');
    await docker.run('stop', '-t', '10', 'c1');
    expect(await docker.inspect('c1', '{{.State.ExitCode}} {{.State.Status}}')).toBe('0 exited');
    await docker.run('start', 'c1');
    await docker.run('kill', 'c1');
    expect(await docker.run('wait', 'c1')).toBe('137');
    const script = 'trap "echo usr1; exit 5" USR1; echo ready; while :; do sleep 0.1; done';
    await docker.run('run', '-d', '--name', 'c2', 'busybox', 'sh', '-c', script);
    await until('it has its trap', async () => (await docker.run('logs', 'c2')) === 'ready');
    await docker.run('kill', '-s', 'USR1', 'c2');
    expect(await docker.run('wait', 'c2')).toBe('5');
    expect(await docker.run('logs', 'c2')).toBe('ready\nusr1');
  });

  test('exec: output, status, user, directory, environment, failures', async () => {
    await docker.background('c1');
    expect((await docker.attempt('exec', 'c1', 'sh', '-c', 'echo out; exit 7')).status).toBe(7);
    const options = ['-u', '1000:1000', '-w', '/tmp', '-e', 'A=1'];
    expect(await docker.run('exec', ...options, 'c1', 'sh', '-c', 'id -u; pwd; echo $A')).toBe('1000\n/tmp\n1');
    // dockerd before 28 says 126 for an exec.
    expect([126, 127]).toContain((await docker.attempt('exec', 'c1', 'nothing')).status);
    expect((await docker.attempt('exec', 'c1', '/etc/passwd')).status).toBe(126);
    expect((await docker.attempt('exec', '-w', '/missing', 'c1', 'pwd')).status).not.toBe(0);
    expect((await docker.with({ input: 'x'.repeat(100_000) }, 'exec', '-i', 'c1', 'wc', '-c')).stdout).toBe('100000');
  });

  test('a terminal: size, resizing, typing, control-C', async () => {
    const result = await atTerminal(docker.words('run', '--rm', '-it', 'busybox', 'sh'), [
      ['expect', '# '],
      ['type', 'stty size\n'],
      ['expect', '30 100'],
      ['size', 40, 120],
      ['type', 'until stty size | grep -q "40 12[0]"; do sleep 0.1; done; stty size\n'],
      ['expect', '40 120'],
      ['type', 'echo s""leeping; sleep 1000\n'],
      ['expect', 'sleeping'],
      ['pause', 0.5],
      ['type', '\u0003'],
      ['type', 'tty; exit 3\n'],
      ['expect', '/dev/pts/0'],
    ]);
    expect(result.status, result.stdout).toBe(3);
    await docker.background('c1');
    const exec = await atTerminal(docker.words('exec', '-it', 'c1', 'sh'), [
      ['expect', '# '],
      ['type', 'tty; exit 4\n'],
      ['expect', '/dev/pts/'],
    ]);
    expect(exec.status, exec.stdout).toBe(4);
  });

  test('limits, and their update', async () => {
    const read = (v1: string, v2: string): string[] => ['exec', 'c1', 'cat', `/sys/fs/cgroup/${unified ? v2 : v1}`];
    await docker.background('c1', '--memory', '64m', '--cpus', '0.5', '--pids-limit', '50');
    expect(await docker.run(...read('memory/memory.limit_in_bytes', 'memory.max'))).toBe(String(64 << 20));
    expect(await docker.run(...read('pids/pids.max', 'pids.max'))).toBe('50');
    expect(await docker.run(...read('cpu/cpu.cfs_quota_us', 'cpu.max'))).toBe(unified ? '50000 100000' : '50000');
    await docker.run('update', '--memory', '96m', '--memory-swap', '128m', '--pids-limit', '70', 'c1');
    expect(await docker.run(...read('memory/memory.limit_in_bytes', 'memory.max'))).toBe(String(96 << 20));
    expect(await docker.run(...read('pids/pids.max', 'pids.max'))).toBe('70');
    expect((await docker.attempt('run', '--rm', '--memory', '16m', 'busybox', 'tail', '/dev/zero')).status).toBe(137);
  });

  test.each(['0', '-1'])('no limit of processes: %s, also in an update', async (none) => {
    const read = async (name: string): Promise<string> => {
      return docker.run('exec', name, 'cat', `/sys/fs/cgroup/${unified ? '' : 'pids/'}pids.max`);
    };
    await docker.background('c1', '--pids-limit', none);
    expect(await read('c1')).toBe('max');
    await docker.background('c2', '--pids-limit', '50');
    await docker.run('update', '--memory', '96m', '--memory-swap', '128m', 'c2');
    expect(await read('c2')).toBe('50');
    // Docker's client takes 0 of an update for "as it is".
    await docker.run('update', '--pids-limit', none, 'c2');
    expect(await read('c2')).toBe(none === '0' ? '50' : 'max');
  });

  test('pause and unpause, top, stats', async () => {
    await docker.background('c1');
    await docker.run('pause', 'c1');
    expect(await docker.inspect('c1', '{{.State.Status}}')).toBe('paused');
    expect((await docker.attempt('exec', 'c1', 'true')).status).not.toBe(0);
    await docker.run('unpause', 'c1');
    expect(await docker.run('exec', 'c1', 'echo', 'awake')).toBe('awake');
    expect(await docker.run('top', 'c1')).toMatch(/while :; do sleep/);
    // dockerd prints zeros until it has collected something, however late that is.
    const stats = ['stats', '--no-stream', '--format', '{{.PIDs}}', 'c1'] as const;
    await until('docker stats counts processes', async () => /^[1-9]/.test(await docker.run(...stats)));
  });

  test('files: volumes, binds, tmpfs, a read-only root', async () => {
    const directory = join(runDirectory, 'bound');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'file'), 'of the host\n');
    expect(await docker.sh('cat /b/file; echo x > /b/new; cat /b/new', '-v', `${directory}:/b`)).toBe('of the host\nx');
    expect(await docker.sh('echo x > /b/file || echo refused', '-v', `${directory}:/b:ro`)).toBe('refused');
    expect(await docker.sh('echo x > /x || echo refused; echo y > /t/y; cat /t/y', '--read-only', '--tmpfs', '/t')).toBe('refused\ny');
    await docker.sh('echo kept > /v/file', '-v', 'volume:/v');
    expect(await docker.sh('cat /v/file', '-v', 'volume:/v')).toBe('kept');
  });

  test('who and what: user, hostname, capabilities, limits, sysctl, devices', async () => {
    expect(await docker.sh('id -u; id -g; hostname', '-u', '1000:7', '-h', 'host1')).toBe('1000\n7\nhost1');
    expect(await docker.sh('grep CapEff /proc/self/status', '--cap-drop', 'ALL', '--cap-add', 'CHOWN')).toMatch(/0{15}1$/);
    expect(
      await docker.sh('ulimit -n; cat /proc/sys/net/ipv4/ip_forward', '--ulimit', 'nofile=99', '--sysctl', 'net.ipv4.ip_forward=0'),
    ).toBe('99\n0');
    expect(await docker.sh('ls -l /dev/mynull', '--device', '/dev/null:/dev/mynull:r')).toMatch(/1, +3/);
    expect(await docker.sh('grep NoNewPrivs /proc/self/status', '--security-opt', 'no-new-privileges')).toMatch(/1$/);
    expect(await docker.sh('grep Seccomp: /proc/self/status; unshare -m true || echo refused')).toMatch(/2\nrefused$/);
  });

  test('the web server of every tutorial: a published port answers, containers find each other by name', async () => {
    await docker.run('run', '-d', '-p', '8080:80', '--name', 'webserver', 'busybox', 'httpd', '-f', '-h', '/var/www');
    await until('the port answers', async () => (await shell(['curl', '-s', 'http://127.0.0.1:8080/'])) === 'it works');
    await docker.run('network', 'create', 'net1');
    await docker.run('network', 'connect', 'net1', 'webserver');
    const found = await until('the name is known', () => docker.sh('nslookup webserver 127.0.0.11 | grep -A9 Name', '--network', 'net1'));
    expect(found).toMatch(/Address/);
    await docker.clear();
    await docker.run('network', 'rm', 'net1');
  });

  test.for(['0', '1'])('build with DOCKER_BUILDKIT=%s', async (buildkit, { skip }) => {
    const dockerfile = `FROM busybox\nRUN echo built > /built && chown 1000 /built\nUSER 1000\nWORKDIR /made\nCMD cat /built; pwd; id -u\n`;
    const directory = join(runDirectory, `build${buildkit}`);
    mkdirSync(directory);
    writeFileSync(join(directory, 'Dockerfile'), dockerfile);
    const built = await docker.with({ env: { DOCKER_BUILDKIT: buildkit } }, 'build', '-t', `built${buildkit}`, directory);
    if (built.stderr.includes('buildx component is missing')) skip('this client has no buildx');
    expect(built.status, built.stderr).toBe(0);
    expect(await docker.run('run', '--rm', `built${buildkit}`)).toBe('built\n/made\n1000');
  });

  needing('docker-registry').test('push to a registry and pull from it', async () => {
    const config = join(runDirectory, 'registry.yml');
    writeFileSync(
      config,
      `version: 0.1\nstorage: {filesystem: {rootdirectory: ${runDirectory}/registry}}\nhttp: {addr: "127.0.0.1:5000"}\n`,
    );
    const { daemon } = await import('./harness/shell.ts');
    const registry = await daemon('registry', ['docker-registry', 'serve', config], () =>
      shell(['curl', '-sf', 'http://127.0.0.1:5000/v2/']),
    );
    await docker.run('tag', 'busybox', '127.0.0.1:5000/busybox');
    await docker.run('push', '127.0.0.1:5000/busybox');
    await docker.run('rmi', '127.0.0.1:5000/busybox');
    expect(await docker.run('run', '--rm', '127.0.0.1:5000/busybox', 'echo', 'pulled')).toBe('pulled');
    await registry.stop();
  });

  test('health checks, restart policies, commit, cp', async () => {
    await docker.run('run', '-d', '--name', 'c1', '--health-cmd', 'true', '--health-interval', '200ms', 'busybox', 'sleep', '100');
    await until('healthy', async () => (await docker.inspect('c1', '{{.State.Health.Status}}')) === 'healthy');
    await docker.run('run', '-d', '--name', 'c2', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'exit 3');
    await until('two restarts', async () => (await docker.inspect('c2', '{{.RestartCount}} {{.State.Status}}')) === '2 exited');
    await docker.run('exec', 'c1', 'sh', '-c', 'echo new > /new');
    await docker.run('commit', 'c1', 'committed');
    expect(await docker.run('run', '--rm', 'committed', 'cat', '/new')).toBe('new');
    await docker.run('cp', 'c1:/new', join(runDirectory, 'copied'));
    expect(await shell(['cat', join(runDirectory, 'copied')])).toBe('new');
  });

  test('a swarm service with three replicas', { timeout: 120_000 }, async () => {
    await docker.run('swarm', 'init', '--advertise-addr', '127.0.0.1');
    try {
      await docker.run('service', 'create', '--detach', '--name', 'three', '--replicas', '3', 'busybox', 'sleep', '1000');
      const running = ['service', 'ps', 'three', '--filter', 'desired-state=running', '--format', '{{.CurrentState}}'];
      await until('three run', async () => (await docker.run(...running)).match(/Running/g)?.length === 3, 60_000);
      await docker.run('service', 'rm', 'three');
      await until('they are gone', async () => (await docker.run('ps', '-q')) === '', 60_000);
    } finally {
      await docker.run('swarm', 'leave', '--force');
    }
  });
});
