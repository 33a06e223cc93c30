import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { leftovers } from './harness/left.ts';
import { ranges, UserPodman, uid } from './harness/podman-user.ts';
import { needing } from './harness/runtime.ts';
import { attempt, shell, until } from './harness/shell.ts';
import { atTerminal } from './harness/terminal.ts';

const quiet = ['--network', 'none'];

needing('podman', 'conmon', 'newuidmap', 'newgidmap', 'setpriv').describe('Podman of a user without privileges', () => {
  let podman: UserPodman;
  beforeAll(async () => {
    podman = await UserPodman.set();
  }, 120_000);
  afterEach(() => podman.clear());
  afterAll(() => {
    expect(leftovers([podman.stateRoot], /conmon|while :; do sleep/)).toEqual([]);
  });

  test('run: ids, statuses and streams', async () => {
    const ids = await podman.sh('id -u; cat /proc/self/uid_map; touch /x && stat -c %u /x');
    expect(ids.split(/\s+/)).toEqual(['0', '0', `${uid}`, '1', '1', `${ranges.from}`, `${ranges.size}`, '0']);
    const words = ['run', '--rm', ...quiet];
    const result = await podman.attempt({}, ...words, 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42');
    expect(result).toEqual({ status: 42, stdout: 'out', stderr: 'err' });
    for (const [status, program] of [
      [127, 'nothing'],
      [126, '/etc/passwd'],
    ] as const) {
      expect((await podman.attempt({}, ...words, 'busybox', program)).status).toBe(status);
    }
    expect(await podman.run(...words, '-u', '1000', 'busybox', 'id', '-u')).toBe('1000');
    expect((await podman.attempt({ input: 'typed' }, ...words, '-i', 'busybox', 'cat')).stdout).toBe('typed');
  });

  needing('slirp4netns').test('the network that Podman gives by default, and that of the host', async () => {
    expect((await podman.run('run', '--rm', 'busybox', 'ls', '/sys/class/net')).split(/\s+/).length).toBeGreaterThan(1);
    await podman.run('run', '--rm', '--network', 'host', 'busybox', 'true');
  });

  test('the user keeps his id, in the container and in a volume', async () => {
    const folder = podman.folder('volume');
    const seen = await podman.sh('id -u; id -g; touch /data/file', '--userns', 'keep-id', '-v', `${folder}:/data`);
    expect(seen).toBe(`${uid}\n${uid}`);
    expect(statSync(join(folder, 'file')).uid).toBe(uid);
  });

  test('exec, logs, top, stop', async () => {
    const script = 'trap "echo t; exit 3" TERM; echo up; while :; do sleep 0.1; done';
    await podman.run('run', '-d', ...quiet, '--name', 'c1', 'busybox', 'sh', '-c', script);
    await until('it is up', async () => (await podman.run('logs', 'c1')) === 'up');
    expect(await podman.run('exec', 'c1', 'id', '-u')).toBe('0');
    expect((await podman.attempt({}, 'exec', 'c1', 'sh', '-c', 'exit 9')).status).toBe(9);
    expect(await podman.run('top', 'c1')).toContain('sh -c');
    await podman.run('stop', 'c1');
    expect(await podman.run('inspect', '-f', '{{.State.ExitCode}}', 'c1')).toBe('3');
  });

  test('a terminal, also of another user of the container', async () => {
    const words = (...options: string[]) => podman.words('podman', 'run', '--rm', ...quiet, '-it', ...options, 'busybox', 'sh');
    for (const options of [[], ['-u', '1000']]) {
      const typed = 'stty size; tty; echo x > /dev/tty; exit 3\n';
      const ran = await atTerminal(words(...options), [
        ['expect', '[#$] '],
        ['type', typed],
        ['expect', '30 100\\s+/dev/pts/0\\s+x'],
      ]);
      expect(ran.status, ran.stdout).toBe(3);
    }
  });

  test('capabilities, a read-only root, a tmpfs, a host name, a device, a mount', async () => {
    const options = ['--cap-drop', 'ALL', '--read-only', '--tmpfs', '/t', '--hostname', 'rl', '--security-opt', 'no-new-privileges'];
    expect((await podman.sh('touch /t/x && hostname && grep CapEff /proc/self/status', ...options)).split(/\s+/)).toEqual([
      'rl',
      'CapEff:',
      '0'.repeat(16),
    ]);
    expect(await podman.sh('[ -c /dev/fuse ] && echo there', '--device', '/dev/fuse')).toBe('there');
    await podman.sh('mkdir /m && mount -t tmpfs x /m', '--privileged');
  });

  test('a limit is set, or refused with the reason', async () => {
    const result = await podman.attempt({}, 'run', '--rm', ...quiet, '--memory', '64m', 'busybox', 'echo', 'ok');
    if (result.status === 0) expect(result.stdout).toBe('ok');
    else expect(result.stderr).toMatch(/cgroup/);
  });

  test('pause without a cgroup is refused', async () => {
    await podman.run('run', '-d', ...quiet, '--name', 'c1', 'busybox', 'sleep', '1000');
    const result = await podman.attempt({}, 'pause', 'c1');
    if (result.status !== 0) expect(result.stderr).toMatch(/cgroup/);
    else await podman.run('unpause', 'c1');
  });

  needing('slirp4netns').test('a pod, and a port', async () => {
    await podman.run(
      'pod',
      'create',
      '--name',
      'p1',
      '--infra-image',
      'busybox',
      '--infra-command',
      '/bin/sleep 1000',
      '-p',
      '127.0.0.1:18085:80',
    );
    await podman.run('run', '-d', '--pod', 'p1', 'busybox', 'httpd', '-f', '-h', '/var/www');
    const fetch = ['run', '--rm', '--pod', 'p1', 'busybox', 'wget', '-qO-', 'http://127.0.0.1/'];
    expect(await until('the neighbour answers', () => podman.run(...fetch))).toBe('it works');
    expect(await until('the port answers', () => shell(['busybox', 'wget', '-qO-', 'http://127.0.0.1:18085/']))).toBe('it works');
  });

  needing('buildah').test('build', async () => {
    const folder = podman.folder('build');
    const text = 'FROM busybox\nRUN echo built > /built\nUSER 1000\nWORKDIR /made\nCMD cat /built; pwd; id -u\n';
    writeFileSync(join(folder, 'Containerfile'), text, { mode: 0o644 });
    for (const isolation of [[], ['--isolation', 'oci']]) {
      await podman.run('build', '--network', 'none', '--no-cache', ...isolation, '-t', 'built', folder);
      expect(await podman.run('run', '--rm', ...quiet, 'built')).toBe('built\n/made\n1000');
    }
  });

  test('nothing is left of containers that were removed', async () => {
    await podman.run('run', '-d', ...quiet, '--name', 'c1', 'busybox', 'sleep', '1000');
    await podman.clear();
    expect(await podman.run('ps', '-aq')).toBe('');
    expect((await attempt(['ls', podman.stateRoot])).stdout).toBe('');
  });
});
