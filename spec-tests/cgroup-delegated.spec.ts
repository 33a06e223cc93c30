import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import { asUser, bundleOfUser, needs, single, uid } from './harness/plain-user.ts';
import type { RunOptions } from './harness/runtime-call.ts';

// A cgroup that an administrator without systemd gives to a user: `chown` of the directory and of what cgroups(7) names, and nothing else.

const megabyte = 1 << 20;
const v2 = ['cgroup v2', 'Linux 5.14', ...needs] as const;
const root = '/sys/fs/cgroup';

/** Where the user may make cgroups, and how he calls the runtime from one of them. */
interface Place {
  readonly top: string;
  readonly call: RunOptions;
}

const control = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8').trim();

function give(directory: string): void {
  for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']) chownSync(join(directory, file), uid, uid);
}

/** The user from this cgroup. */
const from = (box: Box, directory: string): RunOptions => ({
  through: ['sh', '-c', `echo $$ > ${directory}/cgroup.procs && exec "$@"`, 'sh', ...asUser(box)],
});

/** Has `body` find a cgroup of the user's with these controllers; what is left in it fails the test. */
async function delegated(box: Box, controllers: readonly string[], body: (place: Place) => Promise<void>): Promise<void> {
  const above = join(root, `${box.suite.tag}-above`);
  const top = join(above, 'delegated');
  const session = join(top, 'session');
  const enable = controllers.map((name) => `+${name}`).join(' ');
  mkdirSync(above);
  writeFileSync(join(root, 'cgroup.subtree_control'), '+memory +pids +cpu');
  writeFileSync(join(above, 'cgroup.subtree_control'), enable);
  for (const directory of [top, session]) {
    mkdirSync(directory);
    give(directory);
  }
  try {
    await body({ top, call: from(box, session) });
    expect(readdirSync(top, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'session')).toEqual([]);
  } finally {
    writeFileSync(join(above, 'cgroup.kill'), '1');
    await until('the cgroup is empty', () => /^populated 0$/m.test(control(above, 'cgroup.events')));
    (await box.host(['find', above, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])).ok();
  }
}

const limited = (config: Config): void => {
  config.linux.resources = { memory: { limit: 64 * megabyte }, pids: { limit: 30 } };
};

describe('a user to whom a cgroup is delegated', () => {
  clause(
    'LNX-062 RUN-010 has limits that hold, in a cgroup beside his own: update, statistics, pause, ps, kill and delete work on it',
    (box) =>
      delegated(box, ['memory', 'pids'], async ({ top, call }) => {
        const container = await box.started(await bundleOfUser(box, single, limited), call);
        const own = join(top, container.id);
        expect(control(own, 'cgroup.procs')).toBe(String(container.pid));
        expect([control(own, 'memory.max'), control(own, 'pids.max')]).toEqual([String(64 * megabyte), '30']);
        const words = (...args: string[]) => box.runtime(args, call);
        (await words('update', '--memory', String(80 * megabyte), container.id)).ok();
        expect(control(own, 'memory.max')).toBe(String(80 * megabyte));
        (await words('pause', container.id)).ok();
        expect((await words('state', container.id)).ok().json()).toMatchObject({ status: 'paused' });
        (await words('resume', container.id)).ok();
        if (box.kind === 'runts') {
          const { data } = (await words('events', '--stats', container.id)).ok().json<{ data: { pids: unknown } }>();
          expect(data.pids).toMatchObject({ current: 1, limit: 30 });
        }
        expect((await words('ps', '--format', 'json', container.id)).ok().json()).toEqual([container.pid]);
        expect((await words('exec', container.id, 'cat', '/proc/self/cgroup')).ok().stdout).toMatch(new RegExp(`/${container.id}$`, 'm'));
        (await words('delete', '--force', container.id)).ok();
        expect(existsSync(own)).toBe(false);
      }),
    ...v2,
  );

  clause(
    'LNX-062 has a cgroup for a container without limits too',
    (box) =>
      delegated(box, ['memory', 'pids'], async ({ top, call }) => {
        const container = await box.started(await bundleOfUser(box, single), call);
        expect(control(join(top, container.id), 'cgroup.procs')).toBe(String(container.pid));
        expect(container.stderr).not.toContain('without a cgroup');
        (await box.runtime(['pause', container.id], call)).ok();
        (await box.runtime(['delete', '--force', container.id], call)).ok();
      }),
    ...v2,
  );

  clause(
    'LNX-059 has the cgroup that his configuration names below what is his',
    (box) =>
      delegated(box, ['memory', 'pids'], async ({ top, call }) => {
        const bundle = await bundleOfUser(box, single, (config, { id }) => {
          limited(config);
          config.linux.cgroupsPath = `${top.slice(root.length)}/${id}`;
        });
        const container = await box.started(bundle, call);
        expect(control(join(top, container.id), 'memory.max')).toBe(String(64 * megabyte));
        (await box.runtime(['delete', '--force', container.id], call)).ok();
      }),
    ...v2,
  );

  clause(
    'RUN-012 is told of a controller that was not handed on',
    (box) =>
      delegated(box, ['pids'], async ({ call }) => {
        const result = await box.run(await bundleOfUser(box, single, limited), call);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/unable to set memory.max to 67108864: .*no such file.*\n.*at .*\/linux\/resources\/memory\/limit/s);
        expect(result.stderr).toMatch(/hint .*does not hand "memory" on/);
        expect(box.leftovers()).toEqual([]);
      }),
    'runts',
    ...v2,
  );
});

describe('a user who calls from outside of what is delegated to him', () => {
  clause(
    'CLI-042 RUN-012 cannot exec in a container there, and is told so',
    (box) =>
      delegated(box, ['memory', 'pids'], async ({ call }) => {
        const container = await box.started(await bundleOfUser(box, single, limited), call);
        const result = await container.exec(['true'], [], { through: asUser(box) });
        expect(result.status).toBe(255);
        expect(result.stderr).toMatch(/unable to enter the cgroup \S+: clone: permission denied/);
        expect(result.stderr).toMatch(/hint .*within what is delegated to him/);
        (await box.runtime(['delete', '--force', container.id], call)).ok();
      }),
    'runts',
    ...v2,
  );
});

describe('a user to whom no cgroup is delegated', () => {
  const outside = (box: Box): RunOptions => ({ through: asUser(box) });

  clause(
    'LNX-062 runs a container without limits in his own cgroup, and is warned',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['cat', '/proc/self/cgroup'];
      });
      const result = (await box.run(bundle, outside(box))).ok();
      expect(result.stdout).toBe(readFileSync('/proc/self/cgroup', 'utf8'));
      if (box.kind === 'runts') expect(result.stderr).toMatch(/running without a cgroup of its own.*no limits, and no pause/);
    },
    ...v2,
  );

  clause(
    'RUN-012 cannot have a limit, nor a cgroup by its path, and is told how he could',
    async (box) => {
      const changes: readonly ((config: Config) => void)[] = [
        limited,
        (config) => {
          config.linux.cgroupsPath = '/elsewhere';
        },
      ];
      for (const change of changes) {
        const result = await box.run(await bundleOfUser(box, single, change), outside(box));
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(/unable to create the cgroup .*: permission denied/);
        expect(result.stderr).toMatch(/hint .*--systemd-cgroup.*Delegate=yes/);
      }
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    ...v2,
  );

  clause(
    'CLI-066 is told that what has no cgroup cannot be paused or updated',
    async (box) => {
      const call = outside(box);
      const container = await box.started(await bundleOfUser(box, single), call);
      for (const args of [['pause'], ['update', '--pids-limit', '5']]) {
        const result = await box.runtime([...args, container.id], call);
        expect(result.status, args.join(' ')).toBe(1);
        expect(result.stderr).toMatch(/no cgroup|cgroup controller "pids" is not available/);
      }
    },
    'runts',
    ...needs,
  );
});
