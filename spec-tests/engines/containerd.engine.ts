import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findRuntime, isMadeByBun } from '../harness/suite.ts';
import { startContainerd } from './harness/docker.ts';
import { leftovers } from './harness/left.ts';
import { busyboxRootfs, needing, runtime, snippet, standInForRunc } from './harness/runtime.ts';
import { attempt, type Daemon, type Finished, runDirectory, shell, tag, until } from './harness/shell.ts';
import { atTerminal } from './harness/terminal.ts';

const namespace = 'engines';
const ctr = (...args: string[]): string[] => ['ctr', '-n', namespace, ...args];
/** `ctr run` with options of docs/containerd.md, on a root filesystem in place of an image. */
const run = (id: string, options: readonly string[], ...program: string[]): string[] => {
  const documented = /--runc-binary \S+/.exec(snippet('containerd.md', 'ctr'))?.[0].split(' ') ?? [];
  const limits = ['--cgroup', `/${tag}/${id}`];
  return ctr('run', ...documented, ...limits, ...options, '--rootfs', busyboxRootfs().directory, id, ...program);
};

needing('containerd', 'ctr').describe('containerd', () => {
  let containerd: Daemon;
  const stateRoot = `/run/containerd/runc/${namespace}`;
  beforeAll(async () => {
    // ctr forgets --runc-binary when it is told --no-pivot.
    standInForRunc();
    containerd = await startContainerd(snippet('containerd.md', 'config-1.toml'));
  });
  afterAll(async () => {
    const left = leftovers([stateRoot], /containerd-shim|while :; do sleep/);
    await containerd.stop();
    expect(left).toEqual([]);
  });

  /** Starts a container that waits, and removes it afterwards. */
  async function withTask(id: string, options: readonly string[], body: () => Promise<void>): Promise<void> {
    await shell(run(id, ['--detach', ...options], 'sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.1; done'));
    try {
      await body();
    } finally {
      await attempt(ctr('task', 'kill', '-s', 'KILL', id));
      await until('the task ends', async () => !/RUNNING|PAUSED/.test(await shell(ctr('task', 'ls'))));
      await attempt(ctr('task', 'rm', id));
      await shell(ctr('container', 'rm', id));
    }
  }
  const exec = (id: string, ...program: string[]): Promise<Finished> =>
    attempt(ctr('task', 'exec', '--exec-id', `e${Math.random().toString(36).slice(2)}`, id, ...program));

  test('the documented configuration makes runts the runtime of CRI', async () => {
    const file = join(runDirectory, 'documented.toml');
    writeFileSync(file, snippet('containerd.md', 'config-1.toml'));
    const dump = await shell(['containerd', '-c', file, 'config', 'dump']);
    expect(dump).toMatch(/default_runtime_name = "runts"/);
    expect(dump).toContain(`BinaryName = "${runtime}"`);
  });

  test('run: output, status, streams', async () => {
    const result = await attempt(run('c1', ['--rm'], 'sh', '-c', 'echo out; echo err >&2; exit 42'));
    expect(result).toMatchObject({ status: 42, stdout: 'out' });
    expect(result.stderr).toContain('err');
  });

  test('a program that is missing leaves nothing', async () => {
    const result = await attempt(run('c1', ['--rm'], 'nothing'));
    expect(result.status).not.toBe(0);
    expect(result.stderr).toMatch(/exec: "nothing": executable file not found in \$PATH/);
    expect(await shell(ctr('container', 'ls', '-q'))).toBe('');
  });

  test('exec, signals, ps', () =>
    withTask('c1', [], async () => {
      expect(await exec('c1', 'sh', '-c', 'echo out; exit 7')).toMatchObject({ status: 7, stdout: 'out' });
      expect((await exec('c1', 'nothing')).stderr).toMatch(/executable file not found in \$PATH/);
      expect(await shell(ctr('task', 'ps', 'c1'))).toMatch(/^PID.*\n\d+/);
      await shell(ctr('task', 'kill', '-s', 'TERM', 'c1'));
      await until('it stops', async () => /c1\s+\d+\s+STOPPED/.test(await shell(ctr('task', 'ls'))));
    }));

  test('pause and resume, metrics', () =>
    withTask('c2', ['--memory-limit', String(64 << 20)], async () => {
      await shell(ctr('task', 'pause', 'c2'));
      expect(await shell(ctr('task', 'ls'))).toMatch(/c2\s+\d+\s+PAUSED/);
      await shell(ctr('task', 'resume', 'c2'));
      expect(await shell(ctr('task', 'ls'))).toMatch(/c2\s+\d+\s+RUNNING/);
      expect(await shell(ctr('task', 'metrics', 'c2'))).toMatch(/memory/);
    }));

  test('a pod whose sandbox has ended: its shim runs in a directory that is gone, and the container can be entered, stopped and removed', async ({
    skip,
  }) => {
    if (isMadeByBun(findRuntime())) skip('needs another engine than Bun');
    // What CRI writes into the containers of one pod: one shim serves them all, in the bundle of the first.
    const pod = ['--annotation', 'io.kubernetes.cri.sandbox-id=pod'];
    await shell(run('pod', ['--detach', ...pod], 'sleep', '1000'));
    await withTask('member', pod, async () => {
      const shims = Number(await shell(['sh', '-c', 'ps ax -o args | grep -c "^[^ ]*containerd-shim-runc-v2 .*-namespace engines"']));
      expect(shims).toBe(1);
      await shell(ctr('task', 'kill', '-s', 'KILL', 'pod'));
      await until('the sandbox ends', async () => /pod\s+\d+\s+STOPPED/.test(await shell(ctr('task', 'ls'))));
      await attempt(ctr('task', 'rm', 'pod'));
      await shell(ctr('container', 'rm', 'pod'));
      expect(await shell(['sh', '-c', 'for pid in $(pidof containerd-shim-runc-v2); do readlink /proc/$pid/cwd; done'])).toMatch(
        /pod \(deleted\)$/m,
      );
      expect(await exec('member', 'sh', '-c', 'echo out; exit 7')).toMatchObject({ status: 7, stdout: 'out' });
      expect(await shell(ctr('task', 'ps', 'member'))).toMatch(/^PID.*\n\d+/);
      await shell(ctr('task', 'pause', 'member'));
      await shell(ctr('task', 'resume', 'member'));
      await shell(ctr('task', 'kill', '-s', 'TERM', 'member'));
      await until('it stops', async () => /member\s+\d+\s+STOPPED/.test(await shell(ctr('task', 'ls'))));
    });
    expect(await shell(ctr('container', 'ls', '-q'))).toBe('');
  });

  test('a terminal', async () => {
    const result = await atTerminal(run('c3', ['--rm', '--tty'], 'sh'), [
      ['expect', '# '],
      ['type', 'stty size; tty; exit 3\n'],
      ['expect', '30 100\\s+/dev/pts/0'],
    ]);
    expect(result.status, result.stdout).toBe(3);
  });

  test('read-only, without pivot_root, with devices and mounts', async () => {
    expect(await shell(run('c4', ['--rm', '--read-only'], 'sh', '-c', 'touch /x 2>/dev/null || echo refused'))).toBe('refused');
    expect(await shell(run('c7', ['--rm', '--no-pivot'], 'sh', '-c', 'ls -d /bin /var'))).toBe('/bin\n/var');
    expect(await shell(run('c5', ['--rm', '--device', '/dev/zero'], 'sh', '-c', 'head -c 3 /dev/zero | wc -c'))).toBe('3');
    const mount = 'type=bind,src=/etc/passwd,dst=/passwd,options=rbind:ro';
    expect(
      await shell(run('c6', ['--rm', '--mount', mount, '--env', 'A=1', '--cwd', '/tmp'], 'sh', '-c', 'pwd; echo $A; head -c4 /passwd')),
    ).toBe('/tmp\n1\nroot');
  });
});
