import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace, type IdMapping } from './harness/config.ts';
import { asUser, bundleOfUser, byUser, needs, rangeNeeds, several, single, subordinate, uid } from './harness/plain-user.ts';
import { findRuntime } from './harness/suite.ts';

// What a user without privileges may write into config.json.

async function run(
  box: Box,
  mappings: readonly IdMapping[],
  args: readonly string[],
  change: (config: Config, bundle: Bundle) => void = () => {},
) {
  const bundle = await bundleOfUser(box, mappings, (config, made) => {
    config.process.args = [...args];
    change(config, made);
  });
  return box.run(bundle, byUser(box));
}

const dropMount = (config: Config, destination: string): void => {
  config.mounts = config.mounts.filter((mount) => mount.destination !== destination);
};

describe('a container of a user without privileges', () => {
  clause(
    'LNX-029 has the devices of every container',
    async (box) => {
      const command = 'echo x > /dev/null && head -c 3 /dev/zero | wc -c && echo y > /dev/full || echo full';
      expect((await run(box, single, ['sh', '-c', command])).ok().stdout).toBe('3\nfull\n');
    },
    ...needs,
  );

  clause(
    'LNX-013 has a network of its own, with a loopback device that is up',
    async (box) => {
      const result = await run(box, single, ['sh', '-c', 'ls /sys/class/net && ip addr show lo']);
      expect(result.ok().stdout).toMatch(/^lo\n.*[<,]UP[,>]/s);
    },
    ...needs,
  );

  clause(
    'LNX-013 keeps the network of the host, and sees its devices by a bind of /sys',
    async (box) => {
      const result = await run(box, single, ['sh', '-c', 'readlink /proc/self/ns/net; touch /sys/x 2>&1'], (config) => {
        dropNamespace(config, 'network');
        dropMount(config, '/sys');
        config.mounts.push({ destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] });
      });
      expect(result.stdout).toMatch(/^net:\[\d+\]\n.*(Read-only|Permission)/s);
    },
    ...needs,
  );

  clause(
    'CFG-011 sysfs without a network namespace is that of the host, and nothing below it can be changed',
    async (box) => {
      const result = await run(box, single, ['sh', '-c', 'grep " /sys" /proc/self/mounts'], (config) => dropNamespace(config, 'network'));
      const options = result
        .ok()
        .stdout.trim()
        .split('\n')
        .map((line) => line.split(' ')[3] ?? '');
      expect(options.length).toBeGreaterThan(0);
      for (const each of options) expect(each).toMatch(/^ro(,|$)/);
    },
    'runts',
    ...needs,
  );

  clause(
    'LNX-145 sets parameters of its own network',
    async (box) => {
      const result = await run(box, single, ['cat', '/proc/sys/net/ipv4/ping_group_range'], (config) => {
        config.linux.sysctl = { 'net.ipv4.ping_group_range': '0 0' };
      });
      expect(result.ok().stdout).toMatch(/^0\s+0$/m);
    },
    ...needs,
  );

  clause(
    'CFG-049 raises its oom_score_adj, also for exec',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.oomScoreAdj = 600;
      });
      const container = await box.started(bundle, byUser(box));
      expect(readFileSync(`/proc/${container.pid}/oom_score_adj`, 'utf8')).toBe('600\n');
      const inside = await container.exec(['cat', '/proc/self/oom_score_adj'], [], byUser(box));
      expect(inside.ok().stdout).toBe('600\n');
    },
    ...needs,
  );

  clause(
    'CFG-068 has additional groups out of the ranges, also for exec',
    async (box) => {
      const bundle = await bundleOfUser(box, several, (config) => {
        config.process.user = { uid: 1000, gid: 1000, additionalGids: [10, 20] };
      });
      const container = await box.started(bundle, byUser(box));
      const groups = `${subordinate.from + 9} ${subordinate.from + 19}`;
      expect(readFileSync(`/proc/${container.pid}/status`, 'utf8')).toMatch(new RegExp(`^Groups:\\t${groups} ?$`, 'm'));
      expect((await container.exec(['id', '-G'], [], byUser(box))).ok().stdout).toBe('1000 10 20\n');
    },
    ...rangeNeeds,
  );

  clause(
    'LNX-020 a user namespace without mappings gets those of the user',
    async (box) => {
      const result = await run(box, several, ['cat', '/proc/self/uid_map'], (config) => {
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
      });
      expect(result.ok().stdout.trim().split(/\s+/)).toEqual(['0', `${uid}`, '1', '1', `${subordinate.from}`, `${subordinate.size}`]);
    },
    ...rangeNeeds,
  );

  clause(
    'LNX-015 a configuration without a user namespace gets one',
    async (box) => {
      const result = await run(box, several, ['sh', '-c', 'id -u; cat /proc/self/uid_map'], (config) => {
        dropNamespace(config, 'user');
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
      });
      expect(result.ok().stdout.trim().split(/\s+/).slice(0, 4)).toEqual(['0', '0', `${uid}`, '1']);
    },
    ...rangeNeeds,
  );

  clause(
    'LNX-026 LNX-027 has clocks of its own',
    async (box) => {
      const result = await run(box, single, ['cat', '/proc/self/timens_offsets'], (config) => {
        config.linux.namespaces.push({ type: 'time' });
        config.linux.timeOffsets = { boottime: { secs: 4000 } };
      });
      expect(result.ok().stdout).toMatch(/^boottime\s+4000\s+0$/m);
    },
    ...needs,
  );

  clause(
    'RT-049 hooks run as the user, on the host and in the container',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config, { directory }) => {
        const hook = (name: string) => ({ path: '/bin/sh', args: ['sh', '-c', `id -u > ${directory}/${name}`] });
        config.process.args = ['true'];
        config.hooks = { createRuntime: [hook('createRuntime')], createContainer: [hook('createContainer')], poststop: [hook('poststop')] };
      });
      (await box.run(bundle, byUser(box))).ok();
      const said = (name: string): string => readFileSync(join(bundle.directory, name), 'utf8').trim();
      expect(['createRuntime', 'createContainer', 'poststop'].map(said)).toEqual([`${uid}`, '0', `${uid}`]);
      expect(statSync(join(bundle.directory, 'createContainer')).uid).toBe(uid);
    },
    ...needs,
  );

  clause(
    'CFG-025 has a terminal',
    async (box) => {
      const socket = join(box.directory, 'console.sock');
      const receiver = box.background([box.suite.probe, 'console', socket]);
      await until('the receiver listens', async () => (await box.host(['chmod', '0666', socket])).status === 0);
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.terminal = true;
        config.process.args = ['sh', '-c', 'test -t 0 && test -t 1 && echo is a terminal; sleep 1000'];
      });
      await box.started(bundle, { ...byUser(box), options: ['--console-socket', socket] });
      await until('the terminal shows it', () => /is a terminal/.test(receiver.output()));
    },
    'probe',
    ...needs,
  );
});

describe('what a user without privileges gains', () => {
  clause(
    'RUN-013 no program of PATH maps his ids',
    async (box) => {
      const folder = join(box.directory, 'bin');
      const marker = join(box.directory, 'home/executed');
      mkdirSync(folder);
      for (const name of ['newuidmap', 'newgidmap']) {
        writeFileSync(join(folder, name), `#!/bin/sh\ntouch ${marker}\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
      }
      const bundle = await bundleOfUser(box, several, (config) => {
        config.process.args = ['true'];
      });
      (await box.run(bundle, { ...byUser(box), env: { PATH: `${folder}:${process.env['PATH']}` } })).ok();
      expect(existsSync(marker)).toBe(false);
    },
    'runts',
    ...rangeNeeds,
  );

  clause(
    'CLI-042 exec is refused before start, when nobody may look at init',
    async (box) => {
      const bundle = await bundleOfUser(box, single);
      const container = await box.create(bundle, byUser(box));
      const result = await container.exec(['true'], [], byUser(box));
      expect(result.status).toBe(255);
      expect(result.stderr).toMatch(/cannot exec in a container that is not started without privileges.*start it first/s);
    },
    'runts',
    ...needs,
  );

  clause(
    'LNX-020 a user namespace without mappings gets those of the user, his own id for the process',
    async (box) => {
      const result = await run(box, several, ['cat', '/proc/self/uid_map'], (config) => {
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
        config.process.user = { uid: 5, gid: 5 };
      });
      const { from, size } = subordinate;
      expect(result.ok().stdout.trim().split(/\s+/).map(Number)).toEqual([0, from, 5, 5, uid, 1, 6, from + 5, size - 5]);
    },
    ...rangeNeeds,
  );
});

describe('the state of a user without privileges', () => {
  clause(
    'CLI-002 lies in XDG_RUNTIME_DIR, where nobody else can look',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        config.process.args = ['true'];
      });
      const { command, kind } = findRuntime();
      (await box.host([...asUser(box), ...command, 'run', '--bundle', bundle.directory, bundle.id])).ok();
      const { mode, uid: owner } = statSync(join(box.directory, 'runtime', kind));
      expect([mode & 0o777, owner]).toEqual([0o700, uid]);
    },
    ...needs,
  );
});
