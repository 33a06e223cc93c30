import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import type { Process } from './harness/config.ts';
import { alive } from './harness/container.ts';
import { mask, type Self } from './harness/probe.ts';

/** Writes a process object for --process. */
function processFile(box: Box, process: Partial<Process>): string {
  const file = join(box.directory, 'process.json');
  writeFileSync(file, JSON.stringify({ user: { uid: 0, gid: 0 }, cwd: '/', env: ['PATH=/bin', ...box.marks], ...process }));
  return file;
}

describe('exec', () => {
  clause('CLI-060 exec returns the status of the program', async (box) => {
    const container = await box.started(box.bundle());
    for (const status of [0, 1, 42, 254]) expect((await container.exec(['sh', '-c', `exit ${status}`])).status).toBe(status);
  });

  clause('CLI-010 exec of a program that a signal ended returns 128 and the signal', async (box) => {
    const container = await box.started(box.bundle());
    expect((await container.exec(['sh', '-c', 'kill -KILL $$'])).status).toBe(137);
  });

  clause('CLI-042 stdin, stdout and stderr are passed on', async (box) => {
    const container = await box.started(box.bundle());
    const result = await container.exec(['sh', '-c', 'read line; echo "out $line"; echo "err $line" >&2'], [], { input: 'text\n' });
    expect(result.stdout).toBe('out text\n');
    expect(result.stderr).toBe('err text\n');
  });

  clause(
    'CLI-042 the process is in every namespace and has env, cwd, user and limits of the config',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.cwd = '/tmp';
          config.process.user = { uid: 1000, gid: 1001, additionalGids: [44] };
          config.process.env.push('FROM=config');
          config.process.rlimits = [{ type: 'RLIMIT_FSIZE', soft: 6_400_000, hard: 12_800_000 }];
          config.process.noNewPrivileges = true;
        }),
      );
      const seen = (await container.exec(['probe', 'self'])).ok().json<Self>();
      for (const name of ['pid', 'net', 'ipc', 'uts', 'mnt', 'user', 'cgroup'])
        expect(seen.namespaces[name], name).toBe(container.namespace(name));
      expect(seen).toMatchObject({ cwd: '/tmp', uids: [1000, 1000, 1000], gids: [1001, 1001, 1001], noNewPrivileges: 1, fds: [0, 1, 2] });
      expect(seen.groups).toContain(44);
      expect(seen.env).toContain('FROM=config');
      expect(seen.rlimits['RLIMIT_FSIZE']).toEqual(['6400000', '12800000']);
    },
    'probe',
  );

  clause('CLI-042 exec works in a created container', async (box) => {
    const container = await box.create(box.bundle());
    expect(await container.output('echo', 'early')).toBe('early');
    expect(await container.status()).toBe('created');
  });

  clause('CLI-046 CLI-047 --cwd and --env', async (box) => {
    const container = await box.started(box.bundle((config) => config.process.env.push('A=config', 'KEPT=yes')));
    const result = await container.exec(
      ['sh', '-c', 'pwd; echo "$A $B $KEPT"'],
      ['--cwd', '/tmp', '--env', 'A=1', '--env', 'B=x', '--env', 'B=2'],
    );
    expect(result.ok().stdout).toBe('/tmp\n1 2 yes\n');
  });

  for (const [title, flags, words] of [
    ['--env without a name', ['--env', '=secret'], 'name cannot be empty'],
    ['--env without =', ['--env', 'secret'], "missing '='"],
    ['a relative --cwd', ['--cwd', 'tmp'], 'absolute path'],
  ] as const) {
    clause(`CLI-046 CLI-047 ${title} is refused`, async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.exec(['true'], flags);
      expect(result.status).toBe(255);
      expect(result.stderr).toContain(words);
      expect(result.stderr).not.toContain('secret');
    });
  }

  clause('CLI-049 --user with and without a group', async (box) => {
    const container = await box.started(box.bundle());
    const ids = async (user: string) => (await container.exec(['sh', '-c', 'id -u; id -g'], ['--user', user])).ok().stdout;
    expect(await ids('1000:1001')).toBe('1000\n1001\n');
    expect(await ids('1000')).toBe('1000\n0\n');
  });

  clause(
    'CLI-050 --additional-gids',
    async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.exec(['probe', 'self'], ['--additional-gids', '100', '--additional-gids', '200']);
      expect(
        result
          .ok()
          .json<Self>()
          .groups.filter((group) => group !== 0)
          .sort(),
      ).toEqual([100, 200]);
    },
    'probe',
  );

  clause(
    'CLI-055 --no-new-privs',
    async (box) => {
      const container = await box.started(box.bundle());
      expect((await container.exec(['probe', 'self'], ['--no-new-privs'])).ok().json()).toMatchObject({ noNewPrivileges: 1 });
    },
    'probe',
  );

  clause(
    'CLI-056 --cap adds to bounding, effective and permitted, never to inheritable',
    async (box) => {
      const container = await box.started(box.bundle());
      const before = (await container.exec(['probe', 'self'])).ok().json<Self>().capabilities;
      const after = (await container.exec(['probe', 'self'], ['--cap', 'CAP_NET_ADMIN'])).ok().json<Self>().capabilities;
      const added = (set: string) => (BigInt(`0x${set}`) | BigInt(`0x${mask('CAP_NET_ADMIN')}`)).toString(16);
      expect(after).toEqual({
        ...before,
        bounding: added(before.bounding),
        effective: added(before.effective),
        permitted: added(before.permitted),
      });
    },
    'probe',
  );

  clause(
    'CLI-043 --process takes a whole process object',
    async (box) => {
      const container = await box.started(box.bundle());
      const file = processFile(box, {
        args: ['probe', 'self'],
        cwd: '/tmp',
        env: ['PATH=/bin', 'ONLY=this', 'HOME=/x'],
        user: { uid: 5, gid: 6, additionalGids: [7] },
        rlimits: [{ type: 'RLIMIT_FSIZE', soft: 5_000_000, hard: 6_000_000 }],
        noNewPrivileges: true,
        oomScoreAdj: 300,
        capabilities: { bounding: ['CAP_CHOWN'], permitted: [], effective: [], inheritable: [], ambient: [] },
      });
      const seen = (await box.runtime(['exec', '--process', file, container.id])).ok().json<Self>();
      expect(seen).toMatchObject({ cwd: '/tmp', uids: [5, 5, 5], gids: [6, 6, 6], noNewPrivileges: 1, oomScoreAdj: '300' });
      expect(seen.env.sort()).toEqual(['HOME=/x', 'ONLY=this', 'PATH=/bin']);
      expect(seen.rlimits['RLIMIT_FSIZE']).toEqual(['5000000', '6000000']);
      expect(seen.capabilities).toMatchObject({ bounding: mask('CAP_CHOWN'), effective: '0' });
    },
    'probe',
  );

  clause(
    'CFG-067 --process with a umask',
    async (box) => {
      const container = await box.started(box.bundle());
      const file = processFile(box, { args: ['probe', 'self'], user: { uid: 0, gid: 0, umask: 0o27 } });
      expect((await box.runtime(['exec', '--process', file, container.id])).ok().json()).toMatchObject({ umask: 0o27 });
    },
    'probe',
  );

  clause('CLI-051 CLI-052 --detach returns at once, with the host pid in the pid file', async (box) => {
    const container = await box.started(box.bundle());
    const pidFile = join(box.directory, 'exec.pid');
    (await container.exec(['sleep', '1000'], ['--detach', '--pid-file', pidFile])).ok();
    const text = readFileSync(pidFile, 'utf8');
    expect(text).toMatch(/^\d+$/);
    expect(alive(Number(text))).toBe(true);
    expect((await box.host(['readlink', `/proc/${text}/ns/pid`])).stdout.trim()).toBe(container.namespace('pid'));
  });

  clause(
    'ENG-006 a detached process is a child of the caller’s subreaper',
    async (box) => {
      const container = await box.started(box.bundle());
      const running = box.launch(['exec', '--detach', '--pid-file', 'exec.pid', container.id, 'sh', '-c', 'exit 9'], {
        through: [box.suite.probe, 'subreaper'],
      });
      const result = await running.exited;
      expect(result.stdout).toMatch(/^command \d+ 0$/m);
      expect(result.stdout).toMatch(new RegExp(`^orphan ${readFileSync(join(box.directory, 'exec.pid'), 'utf8')} 9$`, 'm'));
    },
    'probe',
  );

  clause('CLI-042 -- ends the options, and the command’s own options are left alone', async (box) => {
    const container = await box.started(box.bundle());
    expect((await box.runtime(['exec', container.id, '--', 'echo', '--cwd'])).stdout).toMatch(/^(-- )?/);
    expect((await box.runtime(['exec', container.id, 'echo', '-e', 'x', '--user'])).ok().stdout).toBe('x --user\n');
  });
});
