import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive } from './harness/container.ts';

interface Entry {
  level: string;
  msg: string;
  time: string;
}

function entries(text: string): Entry[] {
  return text
    .split(/^(?=\{)/m)
    .filter(Boolean)
    .map((entry) => JSON.parse(entry) as Entry);
}

describe('list, ps', () => {
  clause('CLI-061 list is a table of ID, PID, STATUS, BUNDLE, CREATED and OWNER', async (box) => {
    const container = await box.create(box.bundle());
    const lines = (await box.runtime(['list'])).ok().stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^(ID|NAME) +PID +STATUS +BUNDLE( PATH)? +CREATED +OWNER/);
    expect(lines[1]).toMatch(new RegExp(`^${container.id} +${container.pid} +created +${container.bundle.directory} `));
    expect(lines).toHaveLength(2);
  });

  clause(
    'CLI-061 on a host without /etc/passwd, or with one that cannot be read, owners are numbers',
    async (box) => {
      const container = await box.create(box.bundle());
      for (const hide of ['mount -t tmpfs none /etc', 'mount --bind /proc/1/mem /etc/passwd']) {
        const through = ['unshare', '--mount', '/bin/sh', '-c', `${hide} && exec "$@"`, 'sh'];
        const { stdout } = (await box.runtime(['list'], { through })).ok();
        expect(stdout).toMatch(new RegExp(`^${container.id} .* #0$`, 'm'));
      }
    },
    'runts',
  );

  clause('CLI-062 list --format json is an array of states', async (box) => {
    const first = await box.create(box.bundle());
    const second = await box.started(box.bundle());
    const states = (await box.runtime(['list', '--format', 'json'])).ok().json<{ id: string; status: string; pid: number }[]>();
    expect(states).toHaveLength(2);
    expect(states).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: first.id, status: 'created', pid: first.pid }),
        expect.objectContaining({ id: second.id, status: 'running', pid: second.pid }),
      ]),
    );
  });

  clause('CLI-063 list --quiet prints ids', async (box) => {
    const container = await box.create(box.bundle());
    expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe(`${container.id}\n`);
  });

  clause(
    'CLI-063 list passes over directories that hold no container',
    async (box) => {
      const container = await box.create(box.bundle());
      mkdirSync(join(box.stateRoot, 'nothing'));
      expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe(`${container.id}\n`);
      expect((await box.runtime(['list', '--format', 'json'])).ok().json<{ id: string }[]>()).toHaveLength(1);
    },
    'runts',
  );

  clause('CLI-062 an empty list is null or []', async (box) => {
    expect((await box.runtime(['list', '--format', 'json'])).ok().stdout.trim()).toMatch(/^(null|\[\s*\])$/);
  });

  clause('CLI-065 ps --format json is an array of host pids', async (box) => {
    const container = await box.started(box.bundle());
    (await container.exec(['sleep', '1000'], ['--detach', '--pid-file', 'exec.pid'])).ok();
    const other = Number(readFileSync(join(box.directory, 'exec.pid'), 'utf8'));
    const pids = (await box.runtime(['ps', '--format', 'json', container.id])).ok().json<number[]>();
    expect(pids.sort((a, b) => a - b)).toEqual([container.pid, other].sort((a, b) => a - b));
  });

  clause(
    'CLI-064 ps shows the lines of ps(1), with its options',
    async (box) => {
      const container = await box.started(box.bundle());
      // runc's start may return before init has become the program.
      await until('the program runs', () => readFileSync(`/proc/${container.pid}/comm`, 'utf8') === 'sleep\n');
      const text = (await box.runtime(['ps', container.id])).ok().stdout;
      expect(text).toMatch(/^UID +PID/);
      expect(text).toMatch(new RegExp(` ${container.pid} .*sleep 1000`));
      expect(text.trim().split('\n')).toHaveLength(2);
      const own = (await box.runtime(['ps', container.id, '-o', 'pid,comm'])).ok().stdout;
      expect(own).toMatch(new RegExp(`${container.pid} sleep`));
    },
    '/bin/ps',
  );

  clause(
    'CLI-064 ps finds its column behind one that holds blanks, and shows no foreign process',
    async (box) => {
      const container = await box.started(box.bundle());
      // Its second word is a pid of the container.
      const foreign = box.background(['sleep', '1000', String(container.pid)]);
      const text = (await box.runtime(['ps', container.id, 'a', '-eo', 'args,pid'])).ok().stdout;
      expect(text).toMatch(/^COMMAND +PID\n/);
      expect(text).toMatch(new RegExp(`^sleep 1000 +${container.pid}$`, 'm'));
      expect(text.trim().split('\n')).toHaveLength(2);
      expect(alive(foreign.pid)).toBe(true);
    },
    '/bin/ps',
  );

  clause(
    'CLI-064 ps finds the container however much ps(1) prints',
    async (box) => {
      const container = await box.started(box.bundle());
      const text = (await box.runtime(['ps', container.id, '-e', '-o', Array(1000).fill('pid').join()])).ok().stdout;
      expect(text.split('\n')[1]).toMatch(new RegExp(`^ *${container.pid} .* ${container.pid}$`));
    },
    '/bin/ps',
  );

  clause(
    'CLI-065 CLI-064 ps of a stopped container shows nothing, and that is no error',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['true'];
        }),
      );
      await container.reaches('stopped');
      expect((await box.runtime(['ps', container.id])).ok().stdout).toMatch(/^[A-Z ]*\bPID\b[A-Z ]*\n$/);
      expect((await box.runtime(['ps', '--format', 'json', container.id])).ok().stdout.trim()).toMatch(/^(null|\[\s*\])$/);
    },
    '/bin/ps',
  );

  clause('CLI-065 ps of a stopped container shows what lives on in its cgroup', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!'];
      }),
    );
    const child = Number((await container.prints(/child (\d+)/)).split(' ')[1]);
    await container.reaches('stopped');
    expect((await box.runtime(['ps', '--format', 'json', container.id])).ok().json()).toEqual([child]);
  });
});

describe('command line', () => {
  clause('CLI-010 CLI-011 an unknown command ends with 3, and an unknown option with 1', async (box) => {
    const command = await box.runtime(['nonsense']);
    expect(command.status).toBe(3);
    expect(command.stderr).toMatch(/No help topic for 'nonsense'/);
    expect((await box.runtime(['list', '--nonsense'])).status).toBe(1);
    expect((await box.runtime(['kill'])).status).toBe(1);
  });

  clause(
    'CLI-003 a log that is a fifo does not hold the command for ever when nobody reads it',
    async (box) => {
      const fifo = join(box.directory, 'fifo');
      (await box.host(['mkfifo', fifo])).ok();
      const unread = await box.runtime(['list'], { global: ['--log', fifo] });
      expect(unread.status).toBe(1);
      expect(unread.stderr).toContain(`open ${fifo}: no such device or address`);
    },
    'runts',
  );

  clause('CLI-003 a log that is a fifo is written to whoever reads it', async (box) => {
    const fifo = join(box.directory, 'fifo');
    (await box.host(['mkfifo', fifo])).ok();
    const reader = box.background(['cat', fifo]);
    expect((await box.runtime(['state', 'nope'], { global: ['--log', fifo] })).status).toBe(1);
    expect((await reader.exited).stdout).toMatch(/does not exist/);
  });

  clause('CLI-009 --version has the lines engines parse', async (box) => {
    const text = (await box.runtime(['--version'])).ok().stdout;
    expect(text).toMatch(/^\w+ version \S+\n/);
    expect(text).toMatch(/^commit: \S+$/m);
    expect(text).toMatch(/^spec: \d+\.\d+\.\d+/m);
  });

  clause('CLI-008 --help and the help of a command', async (box) => {
    expect((await box.runtime(['--help'])).ok().stdout).toMatch(/create/);
    expect((await box.runtime(['create', '--help'])).ok().stdout).toMatch(/bundle/);
  });

  clause('CLI-012 DRAFT-003 an unknown command is an error', async (box) => {
    expect((await box.runtime(['foo'])).status).not.toBe(0);
  });

  clause('CLI-011 an unknown option is an error', async (box) => {
    expect((await box.runtime(['state', '--nosuch', 'x'])).status).not.toBe(0);
    expect((await box.runtime(['list'], { global: ['--nosuch'] })).status).not.toBe(0);
  });

  clause('CLI-011 too many arguments are an error', async (box) => {
    const container = await box.create(box.bundle());
    expect((await box.runtime(['state', container.id, 'more'])).status).not.toBe(0);
  });

  clause('CLI-002 --root / is refused', async (box) => {
    expect((await box.runtime(['list'], { global: ['--root', '/'] })).status).not.toBe(0);
  });

  clause('CLI-002 the state root is made on demand', async (box) => {
    const bundle = box.bundle();
    const root = join(box.directory, 'fresh/root');
    (await box.runtime(['create', '--bundle', bundle.directory, bundle.id], { global: ['--root', root] })).ok();
    expect(existsSync(join(root, bundle.id))).toBe(true);
    (await box.runtime(['delete', '--force', bundle.id], { global: ['--root', root] })).ok();
  });

  clause('FEAT-001 features prints what the runtime can do', async (box) => {
    const features = (await box.runtime(['features'])).ok().json<Record<string, unknown>>();
    expect(features).toMatchObject({
      ociVersionMin: expect.stringMatching(/^1\.\d+\.\d+/),
      ociVersionMax: expect.stringMatching(/^1\.\d+\.\d+/),
      hooks: expect.arrayContaining(['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop']),
      mountOptions: expect.arrayContaining(['bind', 'rbind', 'ro', 'rro', 'tmpcopyup']),
      linux: {
        namespaces: expect.arrayContaining(['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts']),
        capabilities: expect.arrayContaining(['CAP_CHOWN', 'CAP_SYS_ADMIN']),
        cgroup: { v1: true, v2: true },
        seccomp: { enabled: true, actions: expect.arrayContaining(['SCMP_ACT_ERRNO']), operators: expect.arrayContaining(['SCMP_CMP_EQ']) },
      },
    });
  });

  clause(
    'CLI-090 spec writes a config that runs, and does not overwrite one',
    async (box) => {
      const bundle = box.bundle();
      const file = join(bundle.directory, 'config.json');
      (await box.host(['rm', file])).ok();
      (await box.runtime(['spec', '--bundle', bundle.directory])).ok();
      const config = JSON.parse(readFileSync(file, 'utf8')) as { process: { terminal: boolean; args: string[] }; ociVersion: string };
      expect(config.ociVersion).toMatch(/^1\./);
      expect(config.process.args).toEqual(['sh']);
      expect((await box.runtime(['spec', '--bundle', bundle.directory])).status).not.toBe(0);
      config.process.terminal = false;
      config.process.args = ['echo', 'hello'];
      bundle.writeText(JSON.stringify(config));
      expect((await box.run(bundle)).ok().stdout).toBe('hello\n');
    },
    'a user in the root cgroup',
  );
});

describe('log', () => {
  const log = (box: { directory: string }) => join(box.directory, 'log.json');

  clause('CLI-003 CLI-004 a failing create writes one JSON line with level, msg and time, and the error to stderr too', async (box) => {
    const bundle = box.bundle((config) => {
      config.root.path = 'nowhere';
    });
    const result = await box.tryCreate(bundle, { global: ['--log', log(box), '--log-format', 'json'] });
    expect(result.status).toBe(1);
    const text = readFileSync(log(box), 'utf8');
    expect(text.trim()).not.toContain('\n');
    const [entry, ...more] = entries(text);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ level: 'error', msg: expect.stringMatching(/nowhere/) });
    expect(Date.parse(entry?.time ?? '')).not.toBeNaN();
    expect(entry?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    expect(result.stderr).toMatch(/nowhere/);
  });

  clause('ENG-004 a create that succeeds writes nothing into the log', async (box) => {
    await box.create(box.bundle(), { global: ['--log', log(box), '--log-format', 'json'] });
    expect(existsSync(log(box)) ? readFileSync(log(box), 'utf8') : '').toBe('');
  });

  clause('CLI-003 the log is appended to', async (box) => {
    for (let count = 0; count < 2; count++) await box.runtime(['state', 'nope'], { global: ['--log', log(box), '--log-format', 'json'] });
    expect(entries(readFileSync(log(box), 'utf8'))).toHaveLength(2);
  });

  clause('CLI-004 an unknown log format is an error', async (box) => {
    expect((await box.runtime(['list'], { global: ['--log-format', 'xml'] })).status).not.toBe(0);
  });

  clause('CLI-005 --debug adds lines of level debug', async (box) => {
    await box.create(box.bundle(), { global: ['--debug', '--log', log(box), '--log-format', 'json'] });
    expect(entries(readFileSync(log(box), 'utf8')).some((entry) => entry.level === 'debug')).toBe(true);
  });
});
