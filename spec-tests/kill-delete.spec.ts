import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { dropNamespace } from './harness/config.ts';
import { alive } from './harness/container.ts';

describe('kill', () => {
  clause(
    'CLI-025 signals are given by name, with or without SIG, or by number; default is TERM',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['probe', 'signals'];
        }),
      );
      await container.prints(/ready/);
      const signals = { USR1: 10, SIGUSR2: 12, WINCH: 28, 3: 3, 34: 34 };
      for (const [name, number] of Object.entries(signals)) {
        (await container.kill(name)).ok();
        await container.prints(new RegExp(`^signal ${number}$`, 'm'));
      }
      (await container.kill()).ok();
      await container.prints(/^signal 15$/m);
      await container.reaches('stopped');
    },
    'probe',
  );

  clause(
    'CLI-025 signal names may be in lower case',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['probe', 'signals'];
        }),
      );
      await container.prints(/ready/);
      for (const [name, number] of Object.entries({ hup: 1, sigint: 2 })) {
        (await container.kill(name)).ok();
        await container.prints(new RegExp(`^signal ${number}$`, 'm'));
      }
    },
    'probe',
  );

  clause('CLI-025 an unknown signal is an error', async (box) => {
    const container = await box.started(box.bundle());
    for (const signal of ['NOSUCH', '1000', '1x']) expect((await container.kill(signal)).status, signal).not.toBe(0);
    expect(await container.status()).toBe('running');
  });

  clause('RT-056 KILL ends a created container', async (box) => {
    const container = await box.create(box.bundle());
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
  });

  clause('RT-055 kill of a stopped container is an error that changes nothing', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    const result = await container.kill('KILL');
    expect(result.status).toBe(1);
    expect(await container.status()).toBe('stopped');
  });

  clause('ENG-002 the words for a stopped container are "container not running"', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    expect((await container.kill('KILL')).stderr).toMatch(/container not running|no such process|os: process already finished/i);
  });

  clause('CLI-026 kill --all of a stopped container is no error', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    (await box.runtime(['kill', '--all', container.id, '9'])).ok();
  });

  clause('CLI-027 KILL without an own pid namespace ends every process of the cgroup', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!; wait'];
      }),
    );
    const child = Number((await container.prints(/child (\d+)/)).split(' ')[1]);
    expect(alive(child)).toBe(true);
    (await box.runtime(['kill', '--all', container.id, 'KILL'])).ok();
    await until('the child has gone', () => !alive(child));
    await container.reaches('stopped');
  });

  clause('CLI-027 KILL of a stopped container ends what lives on in its cgroup, and other signals are an error', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        dropNamespace(config, 'pid');
        config.process.args = ['sh', '-c', 'sleep 1000 & echo child $!'];
      }),
    );
    const child = Number((await container.prints(/child (\d+)/)).split(' ')[1]);
    await container.reaches('stopped');
    const refused = await container.kill('TERM');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/container not running/);
    expect(alive(child)).toBe(true);
    (await container.kill('KILL')).ok();
    await until('the child has gone', () => !alive(child));
    (await container.delete()).ok();
  });

  clause(
    'CLI-027 KILL of a stopped container in whose cgroup nothing lives is an error',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          dropNamespace(config, 'pid');
          config.process.args = ['true'];
        }),
      );
      await container.reaches('stopped');
      const result = await container.kill('KILL');
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/container not running/);
    },
    'runts',
  );

  clause(
    'CLI-027 KILL of a stopped container spares processes of others in its cgroup',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['true'];
        }),
      );
      await container.reaches('stopped');
      const foreign = box.background(['sh', '-c', `echo $$ > ${container.cgroup('pids')}/cgroup.procs; echo in; exec sleep 1000`]);
      await until('it is in', () => foreign.output().includes('in'));
      expect((await container.kill('KILL')).status).toBe(1);
      expect(alive(foreign.pid)).toBe(true);
      foreign.stop();
      await foreign.exited;
    },
    'runts',
  );

  clause('RT-054 kill without an id is an error', async (box) => {
    expect((await box.runtime(['kill'])).status).not.toBe(0);
  });
});

describe('delete', () => {
  clause('RT-058 delete of a running container is refused', async (box) => {
    const container = await box.started(box.bundle());
    const result = await container.delete();
    expect(result.status).toBe(1);
    expect(await container.state()).toMatchObject({ status: 'running', pid: container.pid });
  });

  clause('CLI-028 the words for a running container are runc’s', async (box) => {
    const container = await box.started(box.bundle());
    expect((await container.delete()).stderr).toMatch(/cannot delete container .* that is not stopped: running/);
  });

  clause('CLI-028 delete of a created container removes it', async (box) => {
    const container = await box.create(box.bundle());
    (await container.delete()).ok();
    expect(alive(container.pid)).toBe(false);
    expect(box.leftovers()).toEqual([]);
    expect((await container.delete()).status).toBe(1);
  });

  clause('CLI-028 delete of a created container that is paused is refused', async (box) => {
    const container = await box.create(box.bundle());
    (await box.runtime(['pause', container.id])).ok();
    expect((await container.delete()).status).toBe(1);
    expect(alive(container.pid)).toBe(true);
    (await box.runtime(['resume', container.id])).ok();
    (await container.delete()).ok();
  });

  clause('CLI-029 delete --force ends and removes a running container', async (box) => {
    const container = await box.started(box.bundle());
    (await container.delete('--force')).ok();
    expect(alive(container.pid)).toBe(false);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-029 delete --force of an unknown id succeeds', async (box) => {
    (await box.runtime(['delete', '--force', 'nope'])).ok();
  });

  clause('RT-057 delete without an id is an error', async (box) => {
    expect((await box.runtime(['delete'])).status).not.toBe(0);
  });

  clause('RT-059 RT-030 delete removes everything create made', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs' });
        config.linux.resources = { pids: { limit: 20 } };
      }),
    );
    await container.reaches('stopped');
    (await container.delete()).ok();
    expect(box.leftovers()).toEqual([]);
    expect((await box.runtime(['delete', container.id])).status).toBe(1);
  });

  clause('CLI-030 delete removes cgroups made inside the container’s', async (box) => {
    const container = await box.started(box.bundle());
    const nested = join(container.cgroup('pids'), 'a/b');
    mkdirSync(nested, { recursive: true });
    (await container.delete('--force')).ok();
    expect(box.leftovers()).toEqual([]);
  });

  clause('RT-060 delete leaves bind sources and the rootfs', async (box) => {
    const container = await box.started(
      box.bundle((config, bundle) => {
        bundle.put('../source/file', 'kept');
        config.mounts.push({ destination: '/data', source: join(bundle.directory, 'source'), options: ['rbind', 'rw'] });
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    (await container.delete()).ok();
    expect(readFileSync(join(container.bundle.directory, 'source/file'), 'utf8')).toBe('kept');
    expect(readFileSync(join(container.bundle.rootfs, 'etc/passwd'), 'utf8')).toMatch(/^root/);
  });
});
