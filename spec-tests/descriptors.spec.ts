import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Config, withUserNamespace } from './harness/config.ts';

function withBinds(box: Box, count: number, change: (config: Config) => void = () => {}): Bundle {
  const source = join(box.directory, 'source');
  mkdirSync(source);
  return box.bundle((config, bundle) => {
    for (let index = 0; index < count; index++) {
      mkdirSync(join(bundle.rootfs, 'data', String(index)));
      config.mounts.push({ destination: `/data/${index}`, source, options: ['bind', 'ro'] });
    }
    config.process.args = ['sh', '-c', 'grep -c " /data/" /proc/self/mountinfo; ulimit -n'];
    change(config);
  });
}

/** Executes the runtime under a limit, as the child of a shell that has it: Node raises its own, and the parent's is what it was. */
const limited = (limit: string): string[] => ['sh', '-c', `ulimit ${limit}; "$@"; exit $?`, 'sh'];

describe('many mounts and a low limit on descriptors', () => {
  for (const [count, limit, what, change] of [
    [1100, 1024, 'binds', () => {}],
    [300, 256, 'binds in a user namespace', withUserNamespace],
    [60, 64, 'binds in a user namespace', withUserNamespace],
  ] as const) {
    clause(
      `CFG-012 ${count} ${what} under a limit of ${limit}, which the process has`,
      async (box) => {
        const bundle = withBinds(box, count, change);
        const result = await box.run(bundle, { through: limited(`-Sn ${limit}`) });
        expect(result.ok().stdout).toBe(`${count}\n${limit}\n`);
      },
      'not runc',
    );
  }

  clause(
    'CFG-012 a created container holds the exec fifo and the way to it, and no mount',
    async (box) => {
      const container = await box.create(withBinds(box, 5, withUserNamespace));
      // Standard streams, socket, fifo, procfs.
      expect(readdirSync(`/proc/${container.pid}/fd`).length).toBeLessThanOrEqual(6);
      (await container.delete('--force')).ok();
    },
    'runts',
  );
});

describe('a limit on descriptors below what it takes to make the container', () => {
  const filter = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ERRNO' }] };
  for (const [what, change] of Object.entries<(config: Config) => void>({
    'without a filter': () => {},
    'in a user namespace': withUserNamespace,
    'with a filter': (config) => {
      config.linux.seccomp = filter;
    },
    'with a filter and no_new_privs': (config) => {
      config.linux.seccomp = filter;
      config.process.noNewPrivileges = true;
    },
  })) {
    for (const limit of [3, 8]) {
      clause(
        `CFG-034 RLIMIT_NOFILE of ${limit}, ${what}`,
        async (box) => {
          const bundle = box.bundle((config) => {
            change(config);
            config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: limit, hard: limit }];
            config.process.args = ['sh', '-c', 'ulimit -n; ulimit -Hn'];
            config.linux.maskedPaths = ['/proc/keys', '/proc/timer_list'];
            config.linux.readonlyPaths = ['/proc/sys', '/proc/irq'];
          });
          const container = await box.create(bundle);
          await container.start();
          await container.reaches('stopped');
          expect(container.stdout).toBe(`${limit}\n${limit}\n`);
          (await container.delete()).ok();
        },
        'not runc',
        'not crun',
      );
    }
  }

  clause(
    'CFG-034 CLI-042 exec has the limit, too',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          withUserNamespace(config);
          config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 4096 }];
        }),
      );
      const through = limited('-n 1024');
      expect((await container.exec(['sh', '-c', 'ulimit -n; ulimit -Hn'], [], { through })).ok().stdout).toBe('5\n4096\n');
      (await container.delete('--force')).ok();
    },
    'CAP_SYS_RESOURCE',
    'not runc',
    'not crun',
  );
});
