import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Config } from './harness/config.ts';
import { asUser, bundleOfUser, byUser, needs, single } from './harness/plain-user.ts';
import type { Self } from './harness/probe.ts';
import type { RunOptions } from './harness/runtime-call.ts';

/** The user at a terminal that belongs to root, as after su(1). */
const atTerminal = (box: Box): RunOptions => ({
  through: ['/usr/bin/python3', join(import.meta.dirname, 'harness/foreground.py'), 'stty rows 21 cols 77; exec "$@"', ...asUser(box)],
});

const bundleWith = (box: Box, change: (config: Config, bundle: Bundle) => void): Promise<Bundle> => bundleOfUser(box, single, change);

describe('the processes of a user without privileges', () => {
  clause(
    'CLI-119 run in the foreground and exec relay between his terminal and one of the container',
    async (box) => {
      const script =
        'tty; for i in $(seq 100); do [ "$(stty size)" = "21 77" ] && break; sleep 0.05; done; stty size; echo "ready?"; read line; echo "got $line"; exit 7';
      const bundle = await bundleWith(box, ({ process }) => {
        process.terminal = true;
        process.args = ['sh', '-c', script];
      });
      const ran = await box.launch(['run', '--bundle', bundle.directory, bundle.id], atTerminal(box)).exited;
      const container = await box.started(await bundleWith(box, () => {}), byUser(box));
      const executed = await box.launch(['exec', '--tty', container.id, 'sh', '-c', script], atTerminal(box)).exited;
      for (const { stdout, status } of [ran, executed]) {
        expect(stdout).toMatch(/\/dev\/pts\/0[\s\S]*21 77[\s\S]*got typed/);
        expect(status).toBe(7);
      }
    },
    ...needs,
  );

  clause(
    'CFG-034 CFG-035 lower limits on resources, a umask, a directory, variables and no capability at all',
    async (box) => {
      const bundle = await bundleWith(box, ({ process }) => {
        process.args = ['probe', 'self'];
        process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 50, hard: 60 }];
        process.user.umask = 0o27;
        process.cwd = '/tmp';
        process.env.push('OWN=1');
        process.capabilities = {};
        process.noNewPrivileges = true;
      });
      const self = (await box.run(bundle, byUser(box))).ok().json<Self>();
      expect(self.rlimits).toMatchObject({ RLIMIT_NOFILE: ['50', '60'] });
      expect([self.umask, self.cwd, self.noNewPrivileges, self.uids]).toEqual([0o27, '/tmp', 1, [0, 0, 0]]);
      expect(self.env).toContain('OWN=1');
      expect(BigInt(`0x${self.capabilities.effective}`)).toBe(0n);
    },
    'probe',
    ...needs,
  );

  clause(
    'CFG-041 all capabilities that there are, over what is his',
    async (box) => {
      const names = ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN', 'CAP_SYS_RESOURCE', 'CAP_CHOWN'];
      const bundle = await bundleWith(box, ({ process }) => {
        process.args = ['sh', '-c', 'mount -t tmpfs none /tmp && ip link set lo down && echo done'];
        process.capabilities = { bounding: names, effective: names, permitted: names };
      });
      expect((await box.run(bundle, byUser(box))).ok().stdout).toBe('done\n');
    },
    ...needs,
  );

  clause(
    'LNX-162 a filter, which is kept for the next container of his',
    async (box) => {
      const filtered = (config: Config): void => {
        config.process.args = ['mkdir', '/tmp/x'];
        config.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
        };
      };
      for (const _ of [1, 2]) {
        const result = await box.run(await bundleWith(box, filtered), byUser(box));
        expect(result.status).toBe(1);
        expect(result.stderr).toContain('No space left on device');
      }
    },
    ...needs,
  );

  clause(
    'CLI-025 CLI-026 kill sends signals to the first process, and with --all to all of them',
    async (box) => {
      const call = byUser(box);
      const bundle = await bundleWith(box, ({ process }) => {
        process.args = ['sh', '-c', 'trap "echo usr1" USR1; sleep 1000 & echo up; while :; do sleep 0.05; done'];
      });
      const container = await box.started(bundle, call);
      await container.prints(/up/);
      (await box.runtime(['kill', container.id, 'USR1'], call)).ok();
      await container.prints(/usr1/);
      (await box.runtime(['kill', '--all', container.id, 'KILL'], call)).ok();
      await until('its state says so', async () => /stopped/.test((await box.runtime(['state', container.id], call)).ok().stdout));
      (await box.runtime(['delete', container.id], call)).ok();
      expect(box.leftovers()).toEqual([]);
    },
    ...needs,
  );

  clause(
    'ENG-029 has a session keyring of its own, and exec another',
    async (box) => {
      const bundle = await bundleWith(box, (config) => {
        config.process.args = ['sh', '-c', 'probe self && exec sleep 1000'];
      });
      const container = await box.started(bundle, byUser(box));
      await container.prints(/keyring/);
      expect((JSON.parse(container.stdout) as Self).keyring).toMatch(/;_ses\.\S+$|;runtspec\S+$/);
      if (box.kind === 'crun') return;
      const inside = (await container.exec(['probe', 'self'], [], byUser(box))).ok().json<Self>();
      expect(inside.keyring).toMatch(/;_ses\.\S+$/);
    },
    'probe',
    ...needs,
  );

  clause(
    'CLI-019 keeps the session keyring of the caller with --no-new-keyring',
    async (box) => {
      const nameOf = (self: Self): string => self.keyring.split(';').at(-1) ?? '';
      const own = JSON.parse((await box.host([...asUser(box), box.suite.probe, 'self'])).ok().stdout) as Self;
      const bundle = await bundleWith(box, (config) => {
        config.process.args = ['probe', 'self'];
      });
      const seen = (await box.run(bundle, { ...byUser(box), options: ['--no-new-keyring'] })).ok().json<Self>();
      // Who has none sees that of his user, who is another in the user namespace.
      expect([nameOf(own), '_uid_ses.0']).toContain(nameOf(seen));
    },
    'probe',
    ...needs,
  );

  clause(
    'CLI-035 CLI-042 a pid file, a detached run, another user for exec and a process from a file',
    async (box) => {
      const call = byUser(box);
      const bundle = await bundleWith(box, () => {});
      const pidFile = join(bundle.directory, 'pid');
      (await box.runtime(['run', '--detach', '--bundle', bundle.directory, '--pid-file', pidFile, bundle.id], call)).ok();
      const { pid } = (await box.runtime(['state', bundle.id], call)).ok().json<{ pid: number }>();
      expect(readFileSync(pidFile, 'utf8')).toBe(`${pid}`);
      const file = join(bundle.directory, 'process.json');
      await box.host([
        'sh',
        '-c',
        `echo '{"args":["sh","-c","pwd; id -u"],"cwd":"/tmp","env":["PATH=/bin"],"user":{"uid":0,"gid":0}}' > ${file}`,
      ]);
      expect((await box.runtime(['exec', '--process', file, bundle.id], call)).ok().stdout).toBe('/tmp\n0\n');
      const refused = await box.runtime(['exec', '--user', '7', bundle.id, 'true'], call);
      expect(refused.status).not.toBe(0);
      if (box.kind === 'runts')
        expect(refused.stderr).toMatch(/unable to become user 7, group 0: invalid argument[\s\S]*hint the id is not mapped/);
      (await box.runtime(['delete', '--force', bundle.id], call)).ok();
    },
    ...needs,
  );
});
