import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';

describe('run', () => {
  clause('CLI-031 run returns the status of the program and deletes the container', async (box) => {
    for (const status of [0, 1, 42, 255]) {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', `exit ${status}`];
      });
      expect((await box.run(bundle)).status).toBe(status);
      expect(readdirSync(box.stateRoot)).toEqual([]);
    }
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-010 run of a program that a signal ended returns 128 and the signal', async (box) => {
    const bundle = box.bundle();
    const running = box.launch(['run', '--bundle', bundle.directory, bundle.id]);
    await until('it runs', async () => (await box.runtime(['state', bundle.id])).stdout.includes('running'));
    (await box.runtime(['kill', bundle.id, 'KILL'])).ok();
    expect((await running.exited).status).toBe(137);
  });

  clause(
    'CLI-031 run forwards signals to the program',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'signals'];
      });
      const running = box.launch(['run', '--bundle', bundle.directory, bundle.id]);
      await until('the program is ready', () => running.output().includes('ready'));
      process.kill(running.pid, 'SIGUSR1');
      await until('USR1 arrives', () => running.output().includes('signal 10'));
      process.kill(running.pid, 'SIGTERM');
      const result = await running.exited;
      expect(result.stdout).toContain('signal 15');
      expect(result.status).toBe(15);
    },
    'probe',
  );

  clause(
    'CLI-031 run forwards a signal that comes while the poststart hooks run',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'signals'];
        // Pid 1 is spared a signal that it does not wait for yet; the program sleeps for nothing else.
        const waits = 'pid=$(sed -n \'s/.*"pid": *\\([0-9]*\\).*/\\1/p\'); until grep -q ^State:.S /proc/$pid/status; do sleep 0.01; done';
        config.hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', `${waits}; kill -USR1 $PPID`], timeout: 20 }] };
      });
      const running = box.launch(['run', '--bundle', bundle.directory, bundle.id]);
      await until('USR1 arrives', () => running.output().includes('signal 10'));
      process.kill(running.pid, 'SIGTERM');
      expect((await running.exited).status).toBe(15);
    },
    'probe',
  );

  clause(
    'CLI-031 CLI-042 run and exec forward every signal that can be caught, also real-time ones and those of faults',
    async (box) => {
      // Not those that say what becomes of the runtime's own children and terminal, nor the three that C libraries keep to themselves.
      const apart = new Set([9, 15, 17, 19, 20, 21, 22, 32, 33, 34]);
      const signals = Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => !apart.has(signal));
      const container = await box.started(box.bundle());
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'signals'];
      });
      for (const args of [
        ['run', '--bundle', bundle.directory, bundle.id],
        ['exec', container.id, 'probe', 'signals'],
      ]) {
        const running = box.launch(args);
        await until('the program is ready', () => running.output().includes('ready'));
        for (const signal of signals) {
          process.kill(running.pid, signal);
          await until(`${args[0]} forwards ${signal}`, () => running.output().includes(`signal ${signal}\n`));
        }
        process.kill(running.pid, 'SIGTERM');
        expect((await running.exited).status).toBe(15);
      }
    },
    'runts',
    'probe',
  );

  clause('CLI-037 run adopts and reaps the orphans of a container in its pid namespace, unless --no-subreaper', async (box) => {
    for (const options of [[], ['--no-subreaper']]) {
      const bundle = box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', '(sleep 1000 & echo $!); exec sleep 1000'];
      });
      const running = box.launch(['run', '--bundle', bundle.directory, ...options, bundle.id]);
      const orphan = await until('there is an orphan', () => Number(running.output()));
      const parent = () => Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${orphan}/status`, 'utf8'))?.[1]);
      const { pid } = (await box.runtime(['state', bundle.id])).ok().json<{ pid: number }>();
      await until(
        'its parent has gone',
        () => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep'),
      );
      await until('it is an orphan', () => parent() !== pid && readFileSync(`/proc/${parent()}/cmdline`, 'utf8') !== '');
      if (options.length === 0) expect(parent()).toBe(running.pid);
      else expect(parent()).not.toBe(running.pid);
      process.kill(orphan, 'SIGKILL');
      await until('it is reaped', () => !existsSync(`/proc/${orphan}`));
      (await box.runtime(['kill', bundle.id, 'KILL'])).ok();
      expect((await running.exited).status).toBe(137);
    }
  });

  clause('CLI-120 run passes stdin, stdout and stderr', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', 'read line; echo "out $line"; echo "err $line" >&2'];
    });
    const result = (await box.run(bundle, { input: 'text\n' })).ok();
    expect(result.stdout).toBe('out text\n');
    expect(result.stderr).toContain('err text\n');
  });

  clause('CLI-035 run --detach returns after start and leaves the container running', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', 'echo here; exec sleep 1000'];
    });
    const result = (await box.run(bundle, { options: ['--detach', '--pid-file', join(box.directory, 'pid')] })).ok();
    await until('its output', () => result.stdout.includes('here'));
    const state = (await box.runtime(['state', bundle.id])).json<{ status: string; pid: number }>();
    expect(state).toMatchObject({ status: 'running', pid: Number(readFileSync(join(box.directory, 'pid'), 'utf8')) });
  });

  clause('CLI-041 run --keep leaves a stopped container', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['true'];
    });
    (await box.run(bundle, { options: ['--keep'] })).ok();
    expect((await box.runtime(['state', bundle.id])).ok().json()).toMatchObject({ status: 'stopped' });
    (await box.runtime(['delete', bundle.id])).ok();
  });

  clause('DRAFT-010 create passes stdin on untouched', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['cat'];
    });
    const container = await box.create(bundle, { input: 'first line\nsecond\n' });
    expect(container.stdout).toBe('');
    await container.start();
    await container.reaches('stopped');
    expect(container.stdout).toBe('first line\nsecond\n');
  });

  clause('ENG-008 nothing holds the stdio of create and start open after the container has gone', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['echo', 'bye'];
    });
    // Each `cat` ends only when every writer of its pipe has gone.
    const piped = { through: ['sh', '-c', '"$@" 2>&1 | cat', 'sh'] };
    const created = box.launch(['create', '--bundle', bundle.directory, bundle.id], piped);
    await until('it is created', async () => /"status": ?"created"/.test((await box.runtime(['state', bundle.id])).stdout));
    (await box.runtime(['start', bundle.id], piped)).ok();
    expect((await created.exited).stdout).toBe('bye\n');
  });
});
