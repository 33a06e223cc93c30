import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { cgroupDirectory } from './harness/container.ts';
import { sweep } from './harness/leftovers.ts';

describe('run', () => {
  for (const [call, error] of [
    ['flock', 'ENOLCK'],
    ['flock', 'ETIMEDOUT'],
    ['pipe2', 'EMFILE'],
    ['pidfd_open', 'EMFILE'],
  ] as const) {
    clause(
      `RT-033 CLI-031 leaves nothing when ${call} fails with ${error}, whichever time`,
      async (box) => {
        const calls = join(box.directory, 'calls');
        for (let time = 1; time < 40; time++) {
          const bundle = box.bundle((config) => {
            config.process.args = ['true'];
          });
          const inject = ['--output', calls, `--trace=${call}`, `--inject=${call}:error=${error}:when=${time}`];
          const { status, stderr } = await box.run(bundle, { through: ['/usr/bin/strace', ...inject] });
          expect(box.leftovers(), `after status ${status}, ${stderr}`).toEqual([]);
          if (!readFileSync(calls, 'utf8').includes('(INJECTED)')) return;
        }
        throw new Error('there is no end of it');
      },
      'runts',
      '/usr/bin/strace',
    );
  }

  clause(
    'CLI-031 ends with the status of its program when a statistic cannot be read',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'exit 7'];
        set(config, '/linux/cgroupsPath', `/${box.id()}`);
      });
      const cgroup = cgroupDirectory('memory', bundle.config.linux.cgroupsPath ?? '');
      mkdirSync(cgroup);
      try {
        // Reading what a process has at address 0 is an error.
        const hide = `mount --bind /proc/self/mem ${cgroup}/memory.oom_control && exec "$@"`;
        const through = ['/usr/bin/unshare', '--mount', 'sh', '-c', hide, 'sh'];
        const result = await box.run(bundle, { through });
        expect(result.status, result.stderr).toBe(7);
      } finally {
        sweep({ processes: [], mounts: [], cgroups: [cgroup] }, box.suite);
      }
    },
    'runts',
    'cgroup v1',
    '/usr/bin/unshare',
  );
});
