import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive } from './harness/container.ts';

describe('a runtime that is killed half-way', () => {
  clause('RT-033 in a createRuntime hook: init ends by itself, and delete --force removes the rest', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $PPID'] }] };
    });
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    (await box.runtime(['delete', '--force', bundle.id])).ok();
    await until('nothing left', () => box.leftovers().length === 0);
  });

  clause(
    'RT-033 CLI-029 after init is ready: delete --force ends it, also without a pid namespace and cgroups',
    async (box) => {
      const file = join(box.directory, 'pids');
      // Init goes on to its fifo while the runtime, which has been stopped, does not hear that it is ready.
      const stop = `kill -STOP $(sed -n 's/^PPid:.//p' /proc/$PPID/status); echo $PPID > ${file}`;
      const bundle = box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', stop], env: ['PATH=/bin:/usr/bin'] }] };
      });
      const creation = box.launch(['create', '--bundle', bundle.directory, bundle.id], { global: ['--cgroup-manager', 'disabled'] });
      const init = Number(await until('the hook has run', () => existsSync(file) && readFileSync(file, 'utf8')));
      await until('init waits for its start', () => readFileSync(`/proc/${init}/stack`, 'utf8').includes('fifo_open'));
      creation.stop();
      await creation.exited;
      expect(alive(init)).toBe(true);
      (await box.runtime(['delete', '--force', bundle.id])).ok();
      expect(alive(init)).toBe(false);
    },
    'runts',
    '/proc/self/stack',
  );
});

describe('create', () => {
  clause(
    'RT-033 CLI-029 excludes delete --force until the state is written',
    async (box) => {
      const bundle = box.bundle();
      const calls = join(box.directory, 'calls');
      const creation = box.launch(['create', '--bundle', bundle.directory, bundle.id], {
        through: ['/usr/bin/strace', '--output', calls, '--trace=mknod,mknodat', '--inject=mknod,mknodat:delay_enter=2s'],
      });
      await until('the id is claimed', () => existsSync(join(box.stateRoot, bundle.id)));
      (await box.runtime(['delete', '--force', bundle.id])).ok();
      const { status, stderr } = await creation.exited;
      // It may have finished before: then what was deleted is a created container.
      if (status !== 0) expect(stderr).toContain(`container ${bundle.id} was deleted by another command`);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    '/usr/bin/strace',
  );

  clause(
    'RT-033 RT-059 CLI-029 beside delete --force leaves nothing, whoever comes first',
    async (box) => {
      const bundle = box.bundle();
      for (let round = 0; round < 10; round++) {
        let ended = false;
        const creation = box.launch(['create', '--bundle', bundle.directory, bundle.id]);
        void creation.exited.then(() => {
          ended = true;
        });
        while (!ended) (await box.runtime(['delete', '--force', bundle.id])).ok();
        (await box.runtime(['delete', '--force', bundle.id])).ok();
        expect(box.leftovers()).toEqual([]);
      }
    },
    'runts',
  );
});

describe('a created container', () => {
  for (const signal of ['TERM', 'INT', 'HUP', 'QUIT'])
    for (const namespace of ['a pid namespace of its own', "the host's pid namespace"])
      clause(`RT-056 CLI-025 ends by ${signal} in ${namespace}`, async (box) => {
        const container = await box.create(
          box.bundle((config) => {
            if (namespace.startsWith('the host')) dropNamespace(config, 'pid');
          }),
        );
        (await container.kill(signal)).ok();
        await container.reaches('stopped');
        expect((await box.runtime(['start', container.id])).status).toBe(1);
        (await container.delete()).ok();
      });

  clause('RT-056 does not end by USR1, and starts after it', async (box) => {
    const container = await box.create(
      box.bundle((config) => {
        config.process.args = ['sh', '-c', 'echo started; sleep 1000'];
      }),
    );
    (await container.kill('USR1')).ok();
    expect(await container.status()).toBe('created');
    await container.start();
    await container.prints(/started/);
  });

  clause('CFG-029 leaves the program the default of these signals', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['grep', '-E', 'Sig(Ign|Cgt)', '/proc/self/status'];
    });
    const container = await box.started(bundle);
    await container.prints(/SigCgt.*\n/);
    const masks = [...container.stdout.matchAll(/Sig(?:Ign|Cgt):\t(\w+)/g)];
    expect(masks.map(([, mask = '']) => BigInt(`0x${mask}`) & 0x4007n)).toEqual([0n, 0n]);
  });
});
