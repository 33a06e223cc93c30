import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { type Self, self } from './harness/probe.ts';

describe('working directory, environment, arguments', () => {
  clause('CFG-028 the program starts in cwd', async (box) => {
    const text = await box.output(['pwd'], (config) => {
      config.process.cwd = '/tmp';
    });
    expect(text).toBe('/tmp\n');
  });

  clause('ENG-025 a missing cwd is made', async (box) => {
    const text = await box.output(['pwd'], (config) => {
      config.process.cwd = '/new/deep';
    });
    expect(text).toBe('/new/deep\n');
  });

  clause('ENG-025 a cwd that only the user may enter is entered as the user', async (box) => {
    const text = await box.output(['pwd'], (config, bundle) => {
      bundle.put('/home/user/file', '');
      config.mounts.push({ destination: '/home/user', type: 'tmpfs', source: 'tmpfs', options: ['mode=700', 'uid=1000'] });
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.cwd = '/home/user';
    });
    expect(text).toBe('/home/user\n');
  });

  clause(
    'CFG-029 the environment is exactly the list',
    async (box) => {
      const env = ['PATH=/bin', 'A=1', 'EMPTY=', 'WITH=a=b c', 'HOME=/h'];
      const seen = await self(box, (config) => {
        config.process.env = env;
      });
      expect([...seen.env].sort()).toEqual([...env].sort());
    },
    'probe',
  );

  clause(
    'ENG-013 HOME is taken from the container’s accounts when it is not given',
    async (box) => {
      const home = async (uid: number) =>
        (
          await self(box, (config) => {
            config.process.user = { uid, gid: 0 };
          })
        ).env.find((entry) => entry.startsWith('HOME='));
      expect(await home(0)).toBe('HOME=/root');
      expect(await home(1000)).toBe('HOME=/home/user');
      expect(await home(4321)).toBe('HOME=/');
    },
    'probe',
  );

  for (const [what, passwd] of Object.entries({
    'in the last line, which may lack its newline': 'root:x:0:0::/root:\nuser:x:1000:1000::/home/user:',
    'in the only line, without its newline': 'user:x:1000:1000::/home/user:/bin/sh',
    'behind a line of any length, whose end is no account': `${'x'.repeat(4096)}evil:x:1000:1000::/evil:\nuser:x:1000:1000::/home/user:`,
    'behind two of them': `${'x'.repeat(4095)}\n${'y'.repeat(9000)}:x:1000:1000::/evil:\nuser:x:1000:1000::/home/user:\n`,
  })) {
    clause(
      `CFG-029 ENG-013 HOME is found ${what}`,
      async (box) => {
        const home = await box.output(['sh', '-c', 'echo $HOME'], (config, made) => {
          made.put('/etc/passwd', passwd);
          config.process.user = { uid: 1000, gid: 1000 };
        });
        expect(home).toBe('/home/user\n');
      },
      // To others a line of any length is an account.
      ...(passwd.length > 4096 ? (['runts'] as const) : []),
    );
  }

  clause(
    'ENG-013 accounts that are holes of terabytes are not read to their end',
    async (box) => {
      const bundle = box.bundle((config, { rootfs }) => {
        config.process.args = ['probe', 'self'];
        config.process.user = { uid: 4321, gid: 0 };
        truncateSync(join(rootfs, 'etc/passwd'), 8 * 1024 ** 4);
      });
      const result = (await box.runtime(['--log-level', 'warning', 'run', '--bundle', bundle.directory, bundle.id])).ok();
      expect(result.json<Self>().env).toContain('HOME=/');
      expect(result.stderr).toContain('16 MiB');
    },
    'probe',
    'runts',
  );

  clause(
    'ENG-014 of two equal variables the last one counts',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.env = ['PATH=/bin', 'A=1', 'A=2', 'HOME=/'];
      });
      expect(seen.env.filter((entry) => entry.startsWith('A='))).toEqual(['A=2']);
    },
    'probe',
  );

  clause(
    'CFG-030 arguments arrive as they are',
    async (box) => {
      const args = ['probe', 'self', '', ' two words ', '"quoted"', '$HOME', 'ümläut', '-x'];
      const seen = JSON.parse(await box.output(args)) as { args: string[] };
      expect(seen.args).toEqual(args);
    },
    'probe',
  );

  clause('CFG-031 a name without slash is searched in the PATH of the container', async (box) => {
    const text = await box.output(['tool'], (config, bundle) => {
      bundle.put('/opt/one/tool', 'not executable', 0o644);
      bundle.put('/opt/two/tool', '#!/bin/sh\necho two\n', 0o755);
      bundle.put('/opt/three/tool', '#!/bin/sh\necho three\n', 0o755);
      config.process.env = ['PATH=/opt/none:/opt/one:/opt/two:/opt/three:/bin'];
    });
    expect(text).toBe('two\n');
  });

  clause('CFG-031 a name with a slash is relative to cwd', async (box) => {
    const text = await box.output(['./tool'], (config, bundle) => {
      bundle.put('/opt/tool', '#!/bin/sh\necho here\n', 0o755);
      config.process.cwd = '/opt';
    });
    expect(text).toBe('here\n');
  });

  clause(
    'CFG-031 argv[0] stays as given',
    async (box) => {
      const seen = await self(box);
      expect(seen.args[0]).toBe('probe');
      expect(seen.exe).toBe('/bin/probe');
    },
    'probe',
  );

  clause(
    'GEN-001 large arguments and environments arrive whole',
    async (box) => {
      const large = 'x'.repeat(100_000);
      const seen = JSON.parse(
        await box.output(['probe', 'self', large], (config) => {
          config.process.env.push(`LARGE=${large}`);
        }),
      ) as { args: string[]; env: string[] };
      expect(seen.args[2]).toHaveLength(100_000);
      expect(seen.env).toContain(`LARGE=${large}`);
    },
    'probe',
  );
});

describe('user', () => {
  clause(
    'CFG-065 CFG-066 CFG-068 uid, gid and groups; the runtime’s own groups do not leak',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.user = { uid: 1000, gid: 1001, additionalGids: [20, 30] };
        config.process.args = ['probe', 'self'];
      });
      const seen = (await box.run(bundle, { through: [box.suite.probe, 'launch', 'groups=77', '--'] }))
        .ok()
        .json<{ uids: number[]; gids: number[]; groups: number[] }>();
      expect(seen.uids).toEqual([1000, 1000, 1000]);
      expect(seen.gids).toEqual([1001, 1001, 1001]);
      expect(seen.groups.filter((group) => group !== 1001).sort()).toEqual([20, 30]);
    },
    'probe',
  );

  clause(
    'CFG-067 the umask is set',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.user.umask = 0o27;
      });
      expect(seen.umask).toBe(0o27);
    },
    'probe',
  );

  clause(
    'CFG-067 without umask it is 022, whatever the caller’s is, also in exec',
    async (box) => {
      const through = [box.suite.probe, 'launch', 'umask=31', '--'];
      const container = await box.started(box.bundle(), { through });
      expect(readFileSync(`/proc/${container.pid}/status`, 'utf8')).toMatch(/^Umask:\t0022$/m);
      const seen = await container.exec(['probe', 'self'], [], { through });
      expect(seen.ok().json()).toMatchObject({ umask: 0o22 });
    },
    'probe',
  );
});
