import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { alive } from './harness/container.ts';

describe('lifecycle', () => {
  clause(
    'RT-017 RT-024 RT-026 RT-029 RT-037 RT-041 RT-052 create, state, start, exec, kill and delete make one life',
    async (box) => {
      const container = await box.create(
        box.bundle((config) => {
          config.process.args = ['probe', 'signals'];
        }),
      );
      expect(await container.status()).toBe('created');
      await container.start();
      expect(await container.status()).toBe('running');
      await container.prints(/ready/);
      expect(await container.output('echo', 'hello')).toBe('hello');
      (await container.kill('USR1')).ok();
      await container.prints(/signal 10/);
      (await container.kill()).ok();
      await container.prints(/signal 15/);
      await container.reaches('stopped');
      (await container.delete()).ok();
      expect((await box.runtime(['state', container.id])).status).toBe(1);
    },
    'probe',
  );

  clause('CLI-023 start says of a container that runs or has stopped that it cannot be started', async (box) => {
    const container = await box.started(box.bundle());
    const again = await box.runtime(['start', container.id]);
    expect(again.status).not.toBe(0);
    expect(again.stderr).toContain('cannot start an already running container');
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    const stopped = await box.runtime(['start', container.id]);
    expect(stopped.status).not.toBe(0);
    expect(stopped.stderr).toContain('cannot start a container that has stopped');
  });

  clause('DRAFT-018 the bundle may be the root filesystem itself', async (box) => {
    const bundle = box.bundle((config) => {
      config.root.path = '.';
      config.process.args = ['sleep', '1000'];
    });
    const configFile = join(bundle.rootfs, 'config.json');
    writeFileSync(configFile, JSON.stringify(bundle.config));
    (await box.runtime(['create', '--pid-file', join(box.directory, 'pid'), '--bundle', bundle.rootfs, bundle.id])).ok();
    (await box.runtime(['start', bundle.id])).ok();
    expect((await box.runtime(['state', bundle.id])).ok().stdout).toContain('running');
    (await box.runtime(['kill', bundle.id, 'KILL'])).ok();
    await until('it has stopped', async () => (await box.runtime(['state', bundle.id])).stdout.includes('stopped'));
    (await box.runtime(['delete', bundle.id])).ok();
  });

  clause('RT-019 RT-043 create does not run the program', async (box) => {
    const container = await box.create(
      box.bundle((config) => {
        config.process.args = ['touch', '/ran'];
      }),
    );
    expect(existsSync(join(container.bundle.rootfs, 'ran'))).toBe(false);
    await container.start();
    await container.reaches('stopped');
    expect(existsSync(join(container.bundle.rootfs, 'ran'))).toBe(true);
  });

  clause('RT-020 edits of config.json after create have no effect', async (box) => {
    const container = await box.create(
      box.bundle((config) => {
        config.process.args = ['echo', 'first'];
      }),
    );
    container.bundle.config.process.args = ['echo', 'second'];
    container.bundle.write();
    await container.start();
    await container.prints(/first/);
  });

  clause('RT-009 a container whose process has exited is stopped, and its pid 0', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['true'];
      }),
    );
    await container.reaches('stopped');
    expect((await container.state()).pid ?? 0).toBe(0);
  });

  clause('RT-028 an exit, a crash and a kill all lead to stopped', async (box) => {
    const programs = { exit: ['false'], crash: ['sh', '-c', 'kill -SEGV $$'], kill: ['sleep', '1000'] };
    for (const [way, args] of Object.entries(programs)) {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = way === 'crash' ? ['sh', '-c', '(sh -c "kill -SEGV \\$\\$"); exit 1'] : args;
        }),
      );
      if (way === 'kill') (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      (await container.delete()).ok();
    }
  });

  clause(
    'RT-051 start of a running or stopped container is an error',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['sh', '-c', 'echo run >> /runs; probe signals'];
        }),
      );
      await container.prints(/ready/);
      const again = await box.runtime(['start', container.id]);
      expect(again.status).toBe(1);
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      expect((await box.runtime(['start', container.id])).status).toBe(1);
      expect(readFileSync(join(container.bundle.rootfs, 'runs'), 'utf8')).toBe('run\n');
    },
    'probe',
  );

  clause('RT-053 CFG-024 create without process succeeds and start fails', async (box) => {
    const bundle = box.bundle();
    const { process: _, ...rest } = bundle.config;
    writeFileSync(join(bundle.directory, 'config.json'), JSON.stringify(rest));
    const created = await box.tryCreate(bundle);
    expect(created.status, created.stderr).toBe(0);
    expect((await box.runtime(['start', bundle.id])).status).toBe(1);
  });

  clause('RT-001 every operation works from another process', async (box) => {
    const container = await box.create(box.bundle());
    await container.start();
    (await box.runtime(['kill', container.id, 'KILL'], { cwd: '/' })).ok();
    await container.reaches('stopped');
    (await box.runtime(['delete', container.id], { cwd: '/' })).ok();
  });

  clause('RT-061 an id can be used again after delete', async (box) => {
    const bundle = box.bundle();
    for (let round = 0; round < 3; round++) {
      const container = await box.create(bundle);
      expect(await container.status()).toBe('created');
      (await container.delete('--force')).ok();
    }
  });

  clause(
    'ENG-006 init is a child of the caller’s subreaper and its exit status arrives there',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'exit 42'];
      });
      const pidFile = join(box.directory, 'pid');
      const reaper = box.launch(['create', '--bundle', bundle.directory, '--pid-file', pidFile, bundle.id], {
        through: [box.suite.probe, 'subreaper'],
      });
      await until('create has ended', () => /^command \d+ 0$/m.test(reaper.output()));
      const pid = readFileSync(pidFile, 'utf8');
      expect(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]).toBe(String(reaper.pid));
      (await box.runtime(['start', bundle.id])).ok();
      const result = await reaper.exited;
      expect(result.stdout).toMatch(new RegExp(`^orphan ${pid} 42$`, 'm'));
      expect(result.stdout.match(/orphan/g)).toHaveLength(1);
    },
    'probe',
  );

  clause(
    'ENG-007 the container outlives a caller that set a parent death signal',
    async (box) => {
      const bundle = box.bundle();
      const container = await box.create(bundle, { through: [box.suite.probe, 'launch', 'pdeathsig=9', '--'] });
      await container.start();
      expect(await container.status()).toBe('running');
      expect(alive(container.pid)).toBe(true);
    },
    'probe',
  );
});
