import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';

const statusOf = async (box: Box, id: string): Promise<string | undefined> => {
  const result = await box.runtime(['state', id]);
  return result.status === 0 ? result.json<{ status: string }>().status : undefined;
};

/** `run` in the foreground, held where it waits for its program. */
async function heldRun(box: Box, bundle: Bundle, ...options: string[]): Promise<Running> {
  const running = box.launch(['run', ...options, '--bundle', bundle.directory, bundle.id]);
  await until('the program runs', async () => (await statusOf(box, bundle.id)) === 'running');
  process.kill(running.pid, 'SIGSTOP');
  return running;
}

describe('another container of the same name', () => {
  for (const [how, ...options] of [['run'], ['run --keep', '--keep']] as const) {
    clause(
      `CLI-031 CLI-041 RT-061 ${how} leaves it alone when its own was deleted, and ends with the status of its program`,
      async (box) => {
        const bundle = box.bundle();
        const running = await heldRun(box, bundle, ...options);
        (await box.runtime(['delete', '--force', bundle.id])).ok();
        const namesake = await box.started(bundle);
        process.kill(running.pid, 'SIGCONT');
        const result = await running.exited;
        expect(result.status, result.stderr).toBe(137);
        expect(await namesake.state()).toMatchObject({ status: 'running', pid: namesake.pid });
      },
      'runts',
    );
  }

  clause(
    'CLI-029 RT-061 delete --force that waited while its container went away leaves it alone',
    async (box) => {
      const bundle = box.bundle();
      const container = await box.create(bundle);
      const directory = join(box.stateRoot, container.id);
      const holder = box.background(['flock', '--no-fork', directory, 'sleep', '1000']);
      const locks = (pattern: string) =>
        new RegExp(`${pattern} FLOCK .*:${statSync(directory).ino} `).test(readFileSync('/proc/locks', 'utf8'));
      await until('the directory is locked', () => locks(':'));
      const deletion = box.launch(['delete', '--force', container.id]);
      await until('delete waits', () => locks('->'));
      renameSync(directory, `${directory}.old`);
      // That of the first is in use.
      bundle.config.linux.cgroupsPath += '-namesake';
      const namesake = await box.create(bundle.write());
      holder.stop();
      (await deletion.exited).ok();
      expect(await namesake.status()).toBe('created');
      (await namesake.delete('--force')).ok();
      renameSync(`${directory}.old`, directory);
      (await container.delete('--force')).ok();
    },
    'runts',
    '/usr/bin/flock',
  );

  clause(
    'CLI-027 RT-061 kill that came for a container which went away meanwhile leaves it alone',
    async (box) => {
      const bundle = box.bundle((config) => dropNamespace(config, 'pid'));
      await box.started(bundle);
      const calls = join(box.directory, 'calls');
      const inject = ['--output', calls, '--trace=pidfd_send_signal', '--inject=pidfd_send_signal:delay_exit=5s'];
      const kill = box.launch(['kill', bundle.id, 'KILL'], { through: ['/usr/bin/strace', ...inject] });
      await until('it is killed', async () => (await statusOf(box, bundle.id)) === 'stopped');
      (await box.runtime(['delete', bundle.id])).ok();
      const namesake = await box.started(bundle);
      (await kill.exited).ok();
      expect(await namesake.status()).toBe('running');
    },
    'runts',
    '/usr/bin/strace',
  );
});
