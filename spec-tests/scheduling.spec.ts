import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set, withUserNamespace } from './harness/config.ts';
import { self } from './harness/probe.ts';

describe('out-of-memory score', () => {
  clause('CFG-049 oomScoreAdj is the program’s', async (box) => {
    for (const value of [100, 0]) {
      const bundle = box.bundle((config) => {
        config.process.oomScoreAdj = value;
        config.process.args = ['cat', '/proc/self/oom_score_adj'];
      });
      expect((await box.run(bundle)).ok().stdout).toBe(`${value}\n`);
    }
  });

  clause(
    'CFG-049 a value of 0 replaces the caller’s',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.oomScoreAdj = 0;
        config.process.args = ['cat', '/proc/self/oom_score_adj'];
      });
      const result = await box.run(bundle, { through: [box.suite.probe, 'launch', 'oom=77', '--'] });
      expect(result.ok().stdout).toBe('0\n');
    },
    'probe',
    'CAP_SYS_RESOURCE',
  );

  clause(
    'CFG-050 without it the caller’s value stays',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['cat', '/proc/self/oom_score_adj'];
      });
      const result = await box.run(bundle, { through: [box.suite.probe, 'launch', 'oom=77', '--'] });
      expect(result.ok().stdout).toBe('77\n');
    },
    'probe',
  );

  clause('CFG-049 a value the kernel refuses is an error', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.process.oomScoreAdj = 5000;
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });
});

describe('scheduler', () => {
  clause(
    'CFG-051 the policies BATCH and IDLE, with nice',
    async (box) => {
      const batch = await self(box, (config) => {
        config.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 };
      });
      expect(batch.scheduler).toMatchObject({ policy: 3, nice: 5 });
      const idle = await self(box, (config) => {
        config.process.scheduler = { policy: 'SCHED_IDLE' };
      });
      expect(idle.scheduler.policy).toBe(5);
    },
    'probe',
  );

  clause(
    'CFG-053 a real-time policy with priority and the reset-on-fork flag',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.scheduler = { policy: 'SCHED_FIFO', priority: 10, flags: ['SCHED_FLAG_RESET_ON_FORK'] };
      });
      expect(seen.scheduler).toMatchObject({ policy: 1, priority: 10, flags: 1 });
    },
    'probe',
    'a user in the root cgroup',
  );

  clause(
    'CFG-051 CFG-058 a real-time policy and I/O priority in a user namespace, for create and exec',
    async (box) => {
      const bundle = box.bundle((config) => {
        withUserNamespace(config);
        config.process.scheduler = { policy: 'SCHED_RR', priority: 10 };
        config.process.ioPriority = { class: 'IOPRIO_CLASS_RT', priority: 3 };
        config.process.args = ['sh', '-c', 'probe self; exec sleep 1000'];
      });
      const expected = { scheduler: { policy: 2, priority: 10 }, ioPriority: { class: 1, level: 3 } };
      const container = await box.started(bundle);
      expect(JSON.parse(await container.prints(/^\{.*\}$/m))).toMatchObject(expected);
      const { ioPriority, scheduler, ...process } = bundle.config.process;
      const file = join(box.directory, 'process.json');
      writeFileSync(file, JSON.stringify({ ...process, args: ['probe', 'self'], scheduler, ioPriority }));
      expect((await container.exec([], ['--process', file])).ok().json()).toMatchObject(expected);
    },
    // runc asks for both inside of it.
    'not runc',
    'probe',
    'a user in the root cgroup',
  );

  for (const [what, value] of Object.entries({
    'an unknown policy': { policy: 'SCHED_NOSUCH' },
    'an absent policy': { nice: 1 },
    'a priority that the policy does not have': { policy: 'SCHED_OTHER', priority: 10 },
    'an unknown flag': { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_X'] },
  })) {
    clause(`CFG-051 ${what} is refused`, async (box) => {
      const bundle = box.bundle((config) => set(config, '/process/scheduler', value));
      const created = await box.tryCreate(bundle);
      if (created.status === 0) expect((await box.runtime(['start', bundle.id])).status).toBe(1);
    });
  }

  clause(
    'CFG-058 CFG-059 the I/O priority',
    async (box) => {
      const seen = await self(box, (config) => {
        config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 };
      });
      expect(seen.ioPriority).toEqual({ class: 2, level: 6 });
    },
    'probe',
  );

  clause(
    'CFG-060 the I/O priority holds for exec',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE', priority: 0 };
        }),
      );
      expect((await container.exec(['probe', 'self'])).ok().json()).toMatchObject({ ioPriority: { class: 3 } });
    },
    'probe',
  );

  for (const [what, value] of Object.entries({
    'a level above 7': { class: 'IOPRIO_CLASS_BE', priority: 8 },
    'an unknown class': { class: 'IOPRIO_CLASS_NONE', priority: 1 },
  })) {
    clause(`CFG-059 ${what} is refused`, async (box) => {
      const bundle = box.bundle((config) => set(config, '/process/ioPriority', value));
      expect((await box.tryCreate(bundle)).status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause(
    'ENG-028 the affinity of the caller is not inherited',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const result = await box.run(bundle, { through: [box.suite.probe, 'launch', 'cpu=0', '--'] });
      expect(result.ok().json<{ cpus: number }>().cpus).toBeGreaterThan(1);
    },
    'probe',
    'two CPUs',
  );
});

describe('personality', () => {
  clause(
    'LNX-184 LINUX32 changes the machine name',
    async (box) => {
      const text = await box.output(['uname', '-m'], (config) => {
        config.linux.personality = { domain: 'LINUX32' };
      });
      expect(text).toBe('i686\n');
    },
    'real hardware',
  );
});
