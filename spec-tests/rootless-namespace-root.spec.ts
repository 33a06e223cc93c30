import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace } from './harness/config.ts';
import { asUser, bundleOfUser, needs, rangeNeeds, single, subordinate } from './harness/plain-user.ts';
import type { RunOptions } from './harness/runtime-call.ts';

// What Podman, Buildah and RootlessKit do: a runtime that is root, of a user namespace that they have made for a user.

describe('root of a user namespace that unshare(1) has made', () => {
  const inside = (box: Box, ...words: string[]): string[] => [...asUser(box), 'unshare', '--map-root-user', '--mount', ...words];

  clause(
    'RUN-011 with the ranges of the user: the container has ids of its own',
    async (box) => {
      const bundle = await bundleOfUser(box, [], (config) => {
        config.process.user = { uid: 5, gid: 6 };
        config.process.args = ['cat', '/proc/self/uid_map'];
        config.linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 100 }];
        config.linux.gidMappings = [{ containerID: 0, hostID: 1000, size: 100 }];
      });
      (await box.host(['chmod', '-R', 'a+rX', bundle.directory])).ok();
      const result = await box.run(bundle, { through: inside(box, '--map-auto') });
      expect(result.ok().stdout.trim().split(/\s+/)).toEqual(['0', '1000', '100']);
    },
    '/usr/bin/unshare',
    ...rangeNeeds,
  );

  clause(
    'RUN-011 without a user namespace of its own, create, exec and delete',
    async (box) => {
      const bundle = await bundleOfUser(box, single, (config) => {
        dropNamespace(config, 'user');
        delete config.linux.uidMappings;
        delete config.linux.gidMappings;
        config.process.args = ['id', '-u'];
      });
      expect((await box.run(bundle, { through: inside(box) })).ok().stdout).toBe('0\n');
    },
    '/usr/bin/unshare',
    ...needs,
  );
});

/** A user namespace with the ranges of the user, and a mount namespace of its own, into which every call is led: what engines keep for all containers of a user. */
async function withNamespace(box: Box, body: (call: RunOptions) => Promise<void>): Promise<void> {
  const keeper = box.background([...asUser(box), 'unshare', '--map-root-user', '--map-auto', '--mount', 'sleep', '1000']);
  await until('the namespace is made', () => readFileSync(`/proc/${keeper.pid}/comm`, 'utf8') === 'sleep\n');
  try {
    await body({ through: ['nsenter', '--user', '--mount', '--target', String(keeper.pid), '--setuid=0', '--setgid=0'] });
  } finally {
    keeper.stop();
  }
}

/** As engines write it: the user namespace is theirs already. */
const ofEngine = (config: Config): void => {
  dropNamespace(config, 'user');
  delete config.linux.uidMappings;
  delete config.linux.gidMappings;
};

const engineNeeds = ['/usr/bin/unshare', '/usr/bin/nsenter', ...rangeNeeds] as const;

describe('root of the user namespace that an engine keeps', () => {
  clause(
    'RUN-011 RUN-010 create, state, start, list, exec, ps, kill and delete',
    (box) =>
      withNamespace(box, async (call) => {
        const bundle = await bundleOfUser(box, single, (config) => {
          ofEngine(config);
          config.process.user = { uid: 1000, gid: 1000, additionalGids: [10, 20] };
        });
        const words = (...args: string[]) => box.runtime(args, call);
        const container = await box.create(bundle, call);
        const status = async () => (await words('state', bundle.id)).ok().json<{ status: string }>().status;
        expect(await status()).toBe('created');
        (await words('start', bundle.id)).ok();
        expect(await status()).toBe('running');
        expect((await words('list', '--quiet')).ok().stdout.trim()).toBe(bundle.id);
        const proc = readFileSync(`/proc/${container.pid}/status`, 'utf8');
        expect(proc).toMatch(new RegExp(`^Uid:\\t${subordinate.from + 999}\\t`, 'm'));
        expect(proc).toMatch(new RegExp(`^Groups:\\t${subordinate.from + 9} ${subordinate.from + 19} ?$`, 'm'));
        expect((await words('exec', bundle.id, 'sh', '-c', 'id -u; id -G; exit 7')).status).toBe(7);
        expect((await words('exec', '--user', '0', bundle.id, 'id', '-u')).ok().stdout).toBe('0\n');
        (await words('kill', bundle.id, 'KILL')).ok();
        await until('it is stopped', async () => (await status()) === 'stopped');
        (await words('delete', bundle.id)).ok();
      }),
    ...engineNeeds,
  );

  clause(
    'RUN-011 has a network, devices, clean mounts, a mask, limits and hooks',
    (box) =>
      withNamespace(box, async (call) => {
        const script = [
          'ip link show lo | grep -c LOOPBACK,UP',
          'echo x > /dev/null && head -c 3 /dev/zero | wc -c',
          'wc -c < /masked; grep -c " /data tmpfs rw" /proc/self/mounts; ulimit -n',
          'cat /proc/sys/net/ipv4/ping_group_range; cat /proc/self/oom_score_adj; grep -c "/dev/pts devpts" /proc/self/mounts',
        ];
        const bundle = await bundleOfUser(box, single, (config, made) => {
          ofEngine(config);
          made.put('/masked', 'secret');
          config.process.args = ['sh', '-c', script.join(';')];
          config.process.oomScoreAdj = 500;
          config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 100 }];
          config.linux.maskedPaths = ['/masked'];
          config.linux.sysctl = { 'net.ipv4.ping_group_range': '0 1000' };
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs' });
          const hook = { path: '/bin/sh', args: ['sh', '-c', `id -u >> ${made.directory}/hooks`] };
          config.hooks = { createRuntime: [hook], createContainer: [hook], poststop: [hook] };
        });
        expect((await box.run(bundle, call)).ok().stdout.trim().split(/\s+/)).toEqual(['1', '3', '0', '1', '100', '0', '1000', '500', '1']);
        expect(readFileSync(join(bundle.directory, 'hooks'), 'utf8')).toBe('0\n0\n0\n');
      }),
    ...engineNeeds,
  );

  clause(
    'RUN-011 makes a user namespace in it, and is told of ids that it has not',
    (box) =>
      withNamespace(box, async (call) => {
        const mapped = async (hostID: number) => {
          const bundle = await bundleOfUser(box, [{ containerID: 0, hostID, size: 1000 }], (config) => {
            config.process.args = ['cat', '/proc/self/uid_map'];
          });
          (await box.host(['chmod', '-R', 'a+rX', bundle.directory])).ok();
          return bundle;
        };
        expect((await box.run(await mapped(1), call)).status).toBe(0);
        const refused = await box.run(await mapped(subordinate.size), call);
        expect(refused.status).toBe(1);
        if (box.kind === 'runts') expect(refused.stderr).toMatch(/the user namespace of the runtime has no uid 66535\n.*hint .*uid_map/s);
      }),
    ...engineNeeds,
  );
});
