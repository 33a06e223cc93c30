import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set, setNamespace } from './harness/config.ts';
import { during, expectMessage, expectRefusal, type Message } from './harness/message.ts';

describe('the words for what a config.json asks for', () => {
  clause('LNX-167 an agent that nobody is', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
        listenerPath: '/no/such.sock',
      };
    });
    await expectRefusal(box, bundle, /failed to connect with seccomp agent|seccomp receiver: connect socket/, {
      message: `${during}failed to connect with seccomp agent specified in the seccomp profile: /no/such.sock: connect: no such file or directory`,
      pointer: '/linux/seccomp/listenerPath',
      hint: 'the agent has to listen on that socket before the container is created, and while exec runs',
    });
  });

  clause(
    'CFG-051 a deadline on a part of the cpus',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 10_000_000, deadline: 30_000_000, period: 40_000_000 };
        config.linux.resources = { cpu: { cpus: '0' } };
      });
      await expectRefusal(box, bundle, /can't be used together with AllowedCPUs|sched_setattr: Operation not permitted/, {
        message: `${during}unable to schedule by SCHED_DEADLINE: sched_setattr: operation not permitted`,
        pointer: '/process/scheduler',
        hint: "it takes CAP_SYS_NICE and all cpus of the machine: process scheduler can't be used together with AllowedCPUs (cpu.cpus, also of a cgroup above)",
      });
    },
    'two CPUs',
  );

  const names: readonly [given: string, meant: string][] = [
    ['CAP_NET_ADMN', 'CAP_NET_ADMIN'],
    ['net_admin', 'CAP_NET_ADMIN'],
    ['cap_sys_time', 'CAP_SYS_TIME'],
    ['CAP_NOTHING_LIKE_THAT', ''],
  ];
  for (const [given, meant] of names) {
    clause(
      `CFG-046 an unknown capability ${given}`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.process.args = ['true'];
          config.process.capabilities?.bounding?.push(given);
        });
        const { stderr } = (await box.run(bundle)).ok();
        expect(stderr).toContain(`ignoring unknown or unavailable capabilities: [${given}]`);
        if (box.kind !== 'runts') return;
        const where = `at /process/capabilities/bounding/5${meant === '' ? '' : `; did you mean \\"${meant}\\"?`}`;
        const message = `ignoring unknown or unavailable capabilities: [${given}]: it is not a known capability (${where})`;
        expect(stderr.replace(/^time="[^"]+"/, '')).toBe(` level=warning msg="${message}"\n`);
      },
      'not crun',
    );
  }

  clause(
    'LNX-049 a pointer to a network device whose name has a tilde',
    async (box) => {
      const bundle = box.bundle((config) => {
        setNamespace(config, 'network');
        set(config, '/linux/netDevices', { 'no~such': {} });
      });
      await expectRefusal(box, bundle, /no~such/, {
        message: `${during}unable to find the network device no~such: rtnetlink: no such device`,
        pointer: '/linux/netDevices/no~0such',
      });
    },
    'runts',
  );
});

describe('the words for what the caller asks for', () => {
  clause('CLI-017 a pid file in a directory that is missing is named once', async (box) => {
    const bundle = box.bundle();
    const result = await box.tryCreate(bundle, { options: ['--pid-file', '/no/such/pid'] });
    expect(result.status).toBe(1);
    expectMessage(box, result, /\/no\/such\/.*no such file or directory/i, {
      message: `${during}unable to write the pid file /no/such/pid: open: no such file or directory`,
    });
    expect(box.leftovers()).toEqual([]);
  });
});

describe('names are as long as the kernel counts: in bytes', () => {
  clause('CFG-070 a host name of 64 bytes', async (box) => {
    const name = 'ä'.repeat(32);
    expect(await box.output(['hostname'], (config) => set(config, '/hostname', name))).toBe(`${name}\n`);
  });

  for (const [id, key] of [
    ['CFG-070', 'hostname'],
    ['CFG-071', 'domainname'],
  ] as const) {
    clause(`${id} a ${key} of 66 bytes in 33 characters`, async (box) => {
      const bundle = box.bundle((config) => set(config, `/${key}`, 'ä'.repeat(33)));
      await expectRefusal(box, bundle, /invalid argument|bytes/i, { message: `${key} is longer than 64 bytes`, pointer: `/${key}` });
    });
  }

  clause(
    'LNX-049 a network device of 16 bytes in 8 characters',
    async (box) => {
      const name = 'ä'.repeat(8);
      const bundle = box.bundle((config) => {
        setNamespace(config, 'network');
        set(config, '/linux/netDevices', { veth0: { name } });
      });
      await expectRefusal(box, bundle, /ä/, {
        message: `invalid network device name "${name}"`,
        pointer: '/linux/netDevices/veth0/name',
      });
    },
    'runts',
  );
});

describe('the words of exec', () => {
  const missing = /chdir to cwd \(.*\/nope|chdir to `\/nope`: No such file or directory/;
  const chdir = (where: string): string => `exec failed: chdir to cwd ("/nope") set ${where} failed: no such file or directory`;

  clause('CLI-042 a working directory of --cwd that is missing', async (box) => {
    const container = await box.started(box.bundle());
    expectMessage(box, await container.exec(['pwd'], ['--cwd', '/nope']), missing, { message: chdir('by --cwd') });
  });

  clause('CLI-043 a working directory of the file of --process that is missing', async (box) => {
    const container = await box.started(box.bundle());
    const file = join(box.directory, 'process.json');
    writeFileSync(file, JSON.stringify({ args: ['pwd'], cwd: '/nope', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }));
    const result = await box.runtime(['exec', '--process', file, container.id]);
    expectMessage(box, result, missing, { message: chdir('in the file of --process'), pointer: '/cwd' });
  });

  clause('CLI-042 a working directory of the container that is missing by now', async (box) => {
    const container = await box.started(box.bundle((config) => set(config, '/process/cwd', '/nope')));
    (await container.exec(['sh', '-c', 'cd / && rmdir /nope'])).ok();
    expectMessage(box, await container.exec(['pwd']), missing, { message: chdir('in config.json'), pointer: '/process/cwd' });
  });

  clause(
    'CLI-056 an unknown capability of --cap comes with the nearest',
    async (box) => {
      const container = await box.started(box.bundle());
      const { stderr } = (await container.exec(['true'], ['--cap', 'CAP_NET_ADMN'])).ok();
      expect(stderr).toContain('ignoring unknown or unavailable capabilities: [CAP_NET_ADMN]');
      if (box.kind === 'runts') expect(stderr).toContain('did you mean \\"CAP_NET_ADMIN\\"?');
    },
    'not crun',
  );

  clause('CLI-042 a program that is missing is no member of a document', async (box) => {
    const container = await box.started(box.bundle());
    const result = await container.exec(['nosuch']);
    expectMessage(box, result, /executable file (`nosuch` )?not found in \$PATH/, {
      message: 'exec failed: exec: "nosuch": executable file not found in $PATH',
    });
  });

  clause('CLI-042 a sub-cgroup outside of the container’s', async (box) => {
    const container = await box.started(box.bundle());
    for (const path of ['../x', 'a/../../x']) {
      const result = await container.exec(['true'], ['--cgroup', path]);
      expect(result.status).toBe(255);
      expectMessage(box, result, /not a sub cgroup path|bad sub cgroup path/, {
        message: `exec failed: bad sub cgroup path: ${path} is not a sub cgroup path`,
        hint: `--cgroup "${path}" has to stay below the cgroup of the container`,
      });
    }
    (await container.exec(['true'], ['--cgroup', 'a/..'])).ok();
  });
});

describe('the words for a signal', () => {
  const signals: readonly [given: string, words: Message][] = [
    ['SIGTREM', { message: 'unknown signal "SIGTREM"', hint: 'did you mean "SIGTERM"?' }],
    ['kil', { message: 'unknown signal "kil"', hint: 'did you mean "KILL"?' }],
    ['NOTHING', { message: 'unknown signal "NOTHING"' }],
    ['99', { message: 'unknown signal "99"', hint: 'signals have the numbers 0 to 64' }],
  ];
  for (const [given, words] of signals) {
    clause(`CLI-025 the signal ${given}`, async (box) => {
      const container = await box.started(box.bundle());
      const result = await container.kill(given);
      expect(result.status).toBe(1);
      expectMessage(box, result, /unknown signal|invalid argument/i, words);
    });
  }
});
