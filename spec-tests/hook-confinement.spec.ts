import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace, type Hook, type Seccomp, set, withUserNamespace } from './harness/config.ts';

/** What confines a process, as a script of the container prints it. */
const look =
  'grep -E "^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Umask):" /proc/self/status; cat /proc/self/limits /proc/self/oom_score_adj; pwd; mkdir /tmp/made 2>&1';

/** What engines' profiles say of calls that are newer than they: clone3 looks absent, close_range is forbidden. */
const filter: Seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [
    { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 100 },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    { names: ['close_range'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
  ],
};

const shell = (script: string): Hook => ({ path: '/bin/sh', args: ['sh', '-c', script] });

/** A bundle whose program writes to /data/program what its startContainer hook writes to /data/hook. */
function twin(box: Box, script: string, change: (config: Config) => void): Bundle {
  return box.bundle((config, made) => {
    config.mounts.push({ destination: '/data', source: join(made.directory, 'written'), options: ['bind', 'rw'] });
    made.put('../written/hook', '', 0o666);
    made.put('../written/program', '', 0o666);
    config.hooks = { startContainer: [shell(`{ ${script}; echo end; } >/data/hook`)] };
    config.process.args = ['sh', '-c', `{ ${script}; echo end; } >/data/program; exec sleep 1000`];
    change(config);
  });
}

/** What hook and program have written; start may return before either has ended. */
async function twins(box: Box, bundle: Bundle): Promise<{ readonly hook: string; readonly program: string }> {
  await box.started(bundle);
  const read = (name: string) => {
    const text = readFileSync(join(bundle.directory, 'written', name), 'utf8');
    return text.endsWith('end\n') ? text : undefined;
  };
  return {
    hook: await until('the hook has written', () => read('hook')),
    program: await until('the program has written', () => read('program')),
  };
}

describe('what hooks are confined by', () => {
  for (const noNewPrivileges of [true, false]) {
    clause(`CFG-084 a startContainer hook is confined as the program is, noNewPrivileges ${noNewPrivileges}`, async (box) => {
      const bundle = twin(box, look, (config) => {
        config.process.user = { uid: 1000, gid: 1000, additionalGids: [5, 6], umask: 0o27 };
        config.process.noNewPrivileges = noNewPrivileges;
        config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }];
        config.process.oomScoreAdj = 100;
        config.process.cwd = '/tmp';
        const kill = ['CAP_KILL'];
        config.process.capabilities = { bounding: kill, effective: kill, permitted: kill, inheritable: kill, ambient: kill };
        set(config, '/linux/seccomp', filter);
      });
      const { hook, program } = await twins(box, bundle);
      expect(hook).toMatch(/Seccomp:\t2/);
      expect(hook).toMatch(/mkdir: can't create directory/);
      expect(existsSync(join(bundle.rootfs, 'tmp/made'))).toBe(false);
      expect(hook).toBe(program);
    });
  }

  clause('CFG-084 a filter that ends who breaks it ends the hook, and the program never runs', async (box) => {
    const bundle = twin(box, 'mkdir /tmp/made || exit 1', (config) => {
      config.process.noNewPrivileges = true;
      set(config, '/linux/seccomp', { ...filter, syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }] });
    });
    const container = await box.create(bundle);
    const result = await box.runtime(['start', container.id]);
    if (box.kind === 'runts') {
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('startContainer hook');
    }
    await until('the process is gone', () => !existsSync(`/proc/${container.pid}/root/data`));
    expect(existsSync(join(bundle.rootfs, 'tmp/made'))).toBe(false);
    expect(readFileSync(join(bundle.directory, 'written/program'), 'utf8')).toBe('');
    (await container.delete('--force')).ok();
  });

  clause('ENG-015 a startContainer hook without env has the environment of the program: the last of two names, HOME', async (box) => {
    const bundle = twin(box, 'env | grep -vE "^(_|PWD|OLDPWD|SHLVL)=" | sort', (config) => {
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.env = [...config.process.env, 'TWICE=first', 'TWICE=last', 'PATH=/bin:/nowhere'];
    });
    const { hook, program } = await twins(box, bundle);
    expect(hook).toMatch(/^HOME=\/home\/user$/m);
    expect(hook).toMatch(/^TWICE=last$/m);
    expect(hook).toBe(program);
  });

  clause(
    'CFG-084 a hook has no descriptors but its own three, also where a filter forbids close_range',
    async (box) => {
      const bundle = twin(box, 'ls /proc/self/fd', (config) => {
        set(config, '/linux/seccomp', filter);
      });
      const { hook, program } = await (async () => {
        const container = await box.create(bundle, {
          options: ['--preserve-fds', '2'],
          through: ['sh', '-c', 'exec "$@" 3</ 4</etc', 'sh'],
        });
        await container.start();
        const read = (name: string) => readFileSync(join(bundle.directory, 'written', name), 'utf8');
        await until('both have written', () => read('hook').endsWith('end\n') && read('program').endsWith('end\n'));
        return { hook: read('hook'), program: read('program') };
      })();
      // Of what ls(1) lists, the last is its own.
      expect(hook).toBe('0\n1\n2\n3\nend\n');
      expect(program).toBe('0\n1\n2\n3\n4\n5\nend\n');
    },
    'runts',
  );

  clause(
    'CFG-080 a hook that cannot get its standard streams is not run with those of the container',
    async (box) => {
      const bundle = twin(box, 'echo hook; cat', (config) => {
        set(config, '/linux/seccomp', { ...filter, syscalls: [{ names: ['dup3'], action: 'SCMP_ACT_ERRNO', errnoRet: 24 }] });
      });
      const container = await box.create(bundle);
      const result = await box.runtime(['start', container.id]);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/error running startContainer hook .*dup3: too many open files/);
      expect(readFileSync(join(bundle.directory, 'written/hook'), 'utf8')).toBe('');
    },
    'runts',
  );

  for (const [what, change] of [
    ['', () => {}],
    [
      ' in a user namespace',
      (config: Config, made: Bundle) => {
        chownSync(made.rootfs, 100_000, 100_000);
        withUserNamespace(config);
      },
    ],
    [
      ' without a mount namespace',
      (config: Config) => {
        dropNamespace(config, 'mount');
        config.mounts = [];
      },
    ],
  ] as const) {
    clause(
      `CFG-083 createContainer hooks start in the rootfs${what}`,
      async (box) => {
        const file = join(box.directory, 'found');
        const bundle = box.bundle((config, made) => {
          change(config, made);
          made.put('/mark', 'of the image');
          config.process.cwd = '/tmp';
          config.hooks = { createContainer: [shell(`{ pwd; cat mark; } >${file}`)] };
          writeFileSync(file, '', { mode: 0o666 });
          chmodSync(file, 0o666);
        });
        await box.create(bundle, { cwd: '/' });
        expect(readFileSync(file, 'utf8')).toBe(`${bundle.rootfs}\nof the image`);
      },
      ...(what === ' without a mount namespace' ? (['runts'] as const) : []),
    );
  }

  clause(
    'CFG-083 a hook that changes the rootfs by a relative name does so before the program starts, as vendors’ hooks do',
    async (box) => {
      const bundle = box.bundle((config, made) => {
        mkdirSync(join(made.rootfs, 'usr/lib/vendor'), { recursive: true });
        config.hooks = { createContainer: [shell('echo driver >usr/lib/vendor/library'), shell('ln -s library usr/lib/vendor/library.1')] };
        config.process.args = ['cat', '/usr/lib/vendor/library.1'];
      });
      expect((await box.run(bundle)).ok().stdout).toBe('driver\n');
    },
  );

  clause(
    'CFG-083 startContainer hooks run in the directory of the program',
    async (box) => {
      const { hook, program } = await twins(
        box,
        twin(box, 'pwd', (config) => {
          config.process.cwd = '/tmp';
        }),
      );
      expect(hook).toBe('/tmp\nend\n');
      expect(program).toBe(hook);
    },
    'runts',
  );
});
