import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { set } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

describe('exec: failures', () => {
  const cases: Record<string, [args: string[], options: string[], words: RegExp]> = {
    'ENG-003 a missing program': [['/no/such/program'], [], /no such file or directory/i],
    'ENG-003 a name that is not in PATH': [
      ['nosuch'],
      [],
      /executable file (`?nosuch`? )?not found in (\$PATH|`?nosuch`?)|executable file `nosuch` not found/i,
    ],
    'ENG-003 a file that is not executable': [['/etc/passwd'], [], /permission denied/i],
    'ENG-003 a directory': [['/etc'], [], /is a directory|permission denied/i],
  };
  for (const [title, [args, options, words]] of Object.entries(cases)) {
    clause(`${title} fails with the words engines know`, async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.exec(args, options);
      expect(result.status).not.toBe(0);
      expect(result.stderr).toMatch(words);
    });

    clause(`CLI-060 ${title.slice(8)} fails with 255`, async (box) => {
      const container = await box.started(box.bundle());
      expect((await container.exec(args, options)).status).toBe(255);
    });
  }

  clause('CLI-060 exec in an unknown container fails with 255', async (box) => {
    expect((await box.runtime(['exec', 'nope', 'true'])).status).toBe(255);
  });

  clause('CLI-060 CLI-003 a log that cannot be opened ends exec with 1, since nobody has looked for the command yet', async (box) => {
    const container = await box.started(box.bundle());
    for (const log of [box.directory, join(box.directory, 'nowhere', 'log')]) {
      const result = await container.exec(['true'], [], { global: ['--log', log] });
      expect([result.status, result.stderr]).toEqual([1, expect.stringContaining(log)]);
    }
  });

  clause('CLI-042 exec in a stopped container is an error', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    expect((await container.exec(['true'])).status).not.toBe(0);
  });

  clause('CLI-052 a failed exec leaves no pid file', async (box) => {
    const container = await box.started(box.bundle());
    const pidFile = join(box.directory, 'exec.pid');
    const result = await container.exec(['/no/such/program'], ['--detach', '--pid-file', pidFile]);
    expect(result.status).not.toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });

  clause('CLI-042 a failed exec leaves the container running and nothing else', async (box) => {
    const container = await box.started(box.bundle());
    const count = () => container.control('pids', 'cgroup.procs').split('\n').length;
    const before = count();
    await container.exec(['/no/such/program']);
    await until('no process more than before', () => count() === before);
    expect(await container.status()).toBe('running');
  });

  clause(
    'CLI-042 the hint of what a limit of processes refuses names the cgroup that is full: that of the container, or one above',
    async (box) => {
      const container = await box.started(box.bundle((config) => set(config, '/linux/resources', { pids: { limit: 1 } })));
      const own = container.cgroup('pids');
      expect((await container.exec(['true'])).stderr).toContain(`hint the cgroup ${own} has 1 of at most 1 processes`);
      (await box.runtime(['update', '--pids-limit', '-1', container.id])).ok();
      // Nobody may be in a cgroup v2 that has others below it.
      if (cgroupMode === 'unified') return;
      const below = await box.started(
        box.bundle((config) => set(config, '/linux/cgroupsPath', `${container.bundle.config.linux.cgroupsPath}/below`)),
      );
      (await box.runtime(['update', '--pids-limit', '3', container.id])).ok();
      const result = await below.exec(['true']);
      expect(result.status).toBe(255);
      expect(result.stderr).toContain(`hint the cgroup ${own} has 2 of at most 3 processes`);
      expect(result.stderr).toContain('it is above that of the container');
      (await box.runtime(['update', '--pids-limit', '4', container.id])).ok();
      expect((await below.exec(['true'])).status).toBe(0);
      (await below.delete('--force')).ok();
    },
    'runts',
  );

  clause('CLI-042 exec without a command is an error', async (box) => {
    const container = await box.started(box.bundle());
    expect((await box.runtime(['exec', container.id])).status).not.toBe(0);
  });

  clause('CLI-049 a malformed user is refused', async (box) => {
    const container = await box.started(box.bundle());
    for (const user of ['x', '1x', '1:x']) expect((await container.exec(['id'], ['--user', user])).status, user).not.toBe(0);
  });
});
