import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import { type Config, dropNamespace, type HookKind } from './harness/config.ts';
import { processesWith } from './harness/leftovers.ts';

/** Less than a command waits for a lock, in milliseconds. */
const soon = 30_000;
const kinds = ['createRuntime', 'createContainer', 'startContainer', 'poststart'] as const satisfies readonly HookKind[];

/** A bundle with a hook that does not end, and says that it runs. By default the shell has a child. */
function hanging(box: Box, kind: HookKind, program = 'sleep 1000; true'): Bundle {
  return box.bundle((config, { directory }) => {
    const file = kind === 'startContainer' ? '/tmp/hook' : join(directory, 'hook');
    const env = [...box.marks, 'PATH=/bin:/usr/bin', `HOOK=${directory}/hook`];
    config.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', `echo $PPID > ${file}; ${program}`], env }] };
  });
}

/** What the hook wrote, once it runs. */
async function hookOf({ directory, rootfs }: Bundle): Promise<string> {
  const files = [join(directory, 'hook'), join(rootfs, 'tmp/hook')];
  await until('the hook runs', () => files.some((file) => existsSync(file) && readFileSync(file, 'utf8') !== ''));
  return readFileSync(files.find((file) => existsSync(file)) ?? '', 'utf8').trim();
}

const hookProcesses = ({ directory }: Bundle): number[] => processesWith(`HOOK=${directory}/hook`);

function launchRun(box: Box, bundle: Bundle, ...global: string[]): Running {
  return box.launch(['run', '--bundle', bundle.directory, bundle.id], { global });
}

/** A poststart hook that deletes the container, and a poststop hook that leaves the file "poststop". */
function deleteAfterwards(config: Config, directory: string, args: readonly string[], marks: readonly string[]): void {
  config.hooks = {
    poststart: [{ path: args[0] ?? '', args: [...args], env: [...marks] }],
    poststop: [{ path: '/bin/touch', args: ['touch', join(directory, 'poststop')] }],
  };
}

describe('a hook that hangs', () => {
  for (const kind of kinds) {
    clause(
      `CLI-029 CFG-080 delete --force ends a ${kind} hook and its container`,
      async (box) => {
        const bundle = hanging(box, kind);
        const running = launchRun(box, bundle);
        await hookOf(bundle);
        (await box.runtime(['delete', '--force', bundle.id], { timeout: soon })).ok();
        const result = await running.exited;
        expect(result.status, result.stderr).not.toBe(0);
        expect(result.stderr).not.toMatch(/no such file|CLEANUP_FAILED|cleaning up/);
        await until('nothing is left', () => hookProcesses(bundle).length === 0 && box.leftovers().length === 0);
      },
      'runts',
    );

    clause(
      `RT-054 CFG-080 kill reaches a container in its ${kind} hook`,
      async (box) => {
        const bundle = hanging(box, kind);
        const running = launchRun(box, bundle);
        await hookOf(bundle);
        (await box.runtime(['kill', bundle.id, 'KILL'], { timeout: soon })).ok();
        (await box.runtime(['delete', '--force', bundle.id], { timeout: soon })).ok();
        await running.exited;
        await until('nothing is left', () => hookProcesses(bundle).length === 0);
      },
      'runts',
    );
  }

  clause(
    'CFG-083 the hook of the container ends with its init, also without a pid namespace and cgroups',
    async (box) => {
      const bundle = hanging(box, 'createContainer', 'exec sleep 1000');
      dropNamespace(bundle.config, 'pid');
      bundle.write();
      const running = launchRun(box, bundle, '--cgroup-manager', 'disabled');
      await hookOf(bundle);
      (await box.runtime(['delete', '--force', bundle.id], { timeout: soon })).ok();
      expect((await running.exited).status).toBe(1);
      await until('the hook has gone', () => hookProcesses(bundle).length === 0);
    },
    'runts',
  );

  clause(
    'CLI-066 CLI-067 a container is paused and resumed while a poststart hook runs, and its state is told',
    async (box) => {
      const bundle = hanging(box, 'poststart');
      const running = launchRun(box, bundle);
      await hookOf(bundle);
      const status = async () => (await box.runtime(['state', bundle.id], { timeout: soon })).ok().json<{ status: string }>().status;
      expect(await status()).toBe('running');
      (await box.runtime(['pause', bundle.id], { timeout: soon })).ok();
      expect(await status()).toBe('paused');
      (await box.runtime(['resume', bundle.id], { timeout: soon })).ok();
      (await box.runtime(['delete', '--force', bundle.id], { timeout: soon })).ok();
      await running.exited;
    },
    'runts',
  );

  clause(
    'RT-006 RT-051 in its startContainer hook a container is created, and cannot be started again',
    async (box) => {
      const bundle = hanging(box, 'startContainer');
      await box.create(bundle);
      const starting = box.launch(['start', bundle.id]);
      await hookOf(bundle);
      const status = async () => (await box.runtime(['state', bundle.id])).ok().json<{ status: string }>().status;
      await until('the fifo has been let go', () => existsSync(join(box.stateRoot, bundle.id, 'released.fifo')));
      expect(await status()).toBe('created');
      const again = await box.runtime(['start', bundle.id], { timeout: soon });
      expect(again.status).toBe(1);
      expect(again.stderr).toContain('cannot start a container that another command is starting');
      expect(await status()).toBe('created');
      starting.stop();
      await starting.exited;
      expect(await status()).toBe('running');
    },
    'runts',
  );

  for (const kind of ['createRuntime', 'createContainer', 'poststart'] as const) {
    clause(
      `CFG-080 a ${kind} hook dies with the command that runs it`,
      async (box) => {
        const bundle = hanging(box, kind, 'exec sleep 1000');
        const running = launchRun(box, bundle);
        await hookOf(bundle);
        running.stop();
        await running.exited;
        await until('the hook has gone', () => hookProcesses(bundle).length === 0);
      },
      'runts',
    );
  }

  clause(
    'CLI-029 CFG-086 a poststart hook may delete its own container',
    async (box) => {
      const bundle = box.bundle((config, { directory, id }) =>
        deleteAfterwards(config, directory, box.words(['delete', '--force', id]), box.marks),
      );
      const result = await launchRun(box, bundle).exited;
      expect(result.status, result.stderr).toBe(137);
      expect(existsSync(join(bundle.directory, 'poststop'))).toBe(true);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'CLI-029 CFG-086 a poststart hook that deletes its own container may be faster than the command that runs it',
    async (box) => {
      const slow = (call: string, delay: string) => ['/usr/bin/strace', '-qq', '-o', '/dev/null', `--inject=${call}:delay_enter=${delay}`];
      const bundle = box.bundle((config, { directory, id }) => {
        // Its own poststop hook comes late, long after the directory has gone.
        deleteAfterwards(config, directory, [...slow('clone,clone3,vfork', '2s'), ...box.words(['delete', '--force', id])], box.marks);
      });
      const result = await box.run(bundle, { through: slow('flock', '500ms') });
      expect(result.status, result.stderr).toBe(137);
      expect(existsSync(join(bundle.directory, 'poststop'))).toBe(true);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    '/usr/bin/strace',
    'a static executable',
  );
});
