import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, dropNamespace, type IdMapping } from './harness/config.ts';
import { asUser, bundleOfUser, needs, rangeNeeds, several, single, uid } from './harness/plain-user.ts';
import { findRuntime } from './harness/suite.ts';

// Every refusal that a user without privileges meets tells its cause and its cure.

interface Refusal {
  readonly title: string;
  readonly mappings?: readonly IdMapping[];
  readonly change?: (config: Config) => void;
  /** What executes the runtime; the user himself when it is absent. */
  readonly through?: (box: Box) => string[];
  readonly cause: RegExp;
  readonly cure: RegExp;
}

/** What root does to the machine, in a mount namespace of its own, before the user comes. */
const after = (box: Box, script: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `set -e; ${script}; exec "$@"`,
  'sh',
  ...asUser(box),
];

const newuidmap = '/usr/bin/newuidmap';

/** A copy of newuidmap with this mode over the program. */
function insteadOfMapper(box: Box, mode: number): string[] {
  const copy = join(box.directory, 'newuidmap');
  copyFileSync(newuidmap, copy);
  chmodSync(copy, mode);
  return after(box, `mount --bind ${copy} ${newuidmap}`);
}

const rootOfNamespace = (box: Box, script = 'true'): string[] => [
  ...asUser(box),
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `set -e; ${script}; exec "$@"`,
  'sh',
];

const nested = (levels: number): string[] => Array.from({ length: levels }, () => ['unshare', '--map-root-user', '--mount']).flat();

/** What root of such a namespace, which has one id, can map. */
const ownRoot: readonly IdMapping[] = [{ containerID: 0, hostID: 0, size: 1 }];

/** unshare(2) on x86-64, aarch64 and riscv. */
const unshareNumber = process.arch === 'x64' ? 272 : 97;

const ofTheMachine: readonly Refusal[] = [
  {
    title: 'no ranges in /etc/subuid',
    mappings: several,
    through: (box) => asUser(box, { ranges: false }),
    cause: /unable to map the ids 4242, 100000-165535: newuidmap: .*not allowed/,
    cure: /\/etc\/subuid has to give you these ids.*usermod --add-subuids/,
  },
  {
    title: 'newuidmap without its setuid bit',
    mappings: several,
    through: (box) => insteadOfMapper(box, 0o755),
    cause: /newuidmap: .*not permitted/,
    cure: /has lost its setuid bit.*chmod u\+s \/usr\/bin\/newuidmap/,
  },
  {
    title: 'newuidmap on a filesystem that is mounted with nosuid',
    mappings: several,
    through: (box) => after(box, `mount --bind ${newuidmap} ${newuidmap}; mount -o remount,bind,nosuid ${newuidmap}`),
    cause: /newuidmap: .*not permitted/,
    cure: /mounted with nosuid \(findmnt -T \/usr\/bin\/newuidmap\)/,
  },
  {
    title: 'newuidmap that cannot be executed',
    mappings: several,
    through: (box) => insteadOfMapper(box, 0o644),
    cause: /unable to map the ids .*: newuidmap is not there, or cannot be executed/,
    cure: /Debian's package uidmap/,
  },
  {
    title: 'a caller with no_new_privs',
    mappings: several,
    through: (box) => [...asUser(box), 'setpriv', '--no-new-privs'],
    cause: /newuidmap: .*not permitted/,
    cure: /no rights from a caller with no_new_privs/,
  },
  {
    title: 'user namespaces that are switched off',
    mappings: ownRoot,
    through: (box) => rootOfNamespace(box, 'echo 0 > /proc/sys/user/max_user_namespaces'),
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /switched off here: `sysctl user\.max_user_namespaces=/,
  },
  {
    title: 'a limit of user namespaces that is reached',
    mappings: ownRoot,
    through: (box) => [...rootOfNamespace(box, 'echo 1 > /proc/sys/user/max_user_namespaces'), ...nested(1)],
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /limit user\.max_user_namespaces \(\d+\) is reached/,
  },
  {
    title: 'user namespaces that are nested too deep',
    mappings: ownRoot,
    through: (box) => [...asUser(box), ...nested(33)],
    cause: /unable to create a user namespace: unshare: no space left on device/,
    cure: /nested 32 deep/,
  },
  {
    title: 'a chroot',
    through: (box) => {
      const root = join(box.directory, 'root');
      return [
        'unshare',
        '--mount',
        'sh',
        '-c',
        `set -e; mkdir ${root}; mount --rbind / ${root}; exec chroot ${root} "$@"`,
        'sh',
        ...asUser(box),
      ];
    },
    cause: /unable to create a user namespace: unshare: operation not permitted/,
    cure: /in a chroot nobody may make a user namespace/,
  },
  {
    title: 'a seccomp filter of the caller',
    through: (box) => [...asUser(box), 'setpriv', '--no-new-privs', box.suite.probe, 'launch', `eperm=${unshareNumber}`, '--'],
    cause: /unable to create a user namespace: unshare: operation not permitted/,
    cure: /a seccomp filter of the caller may forbid it/,
  },
  {
    title: 'ids that the user namespace of the runtime has not',
    mappings: [{ containerID: 0, hostID: 100_000, size: 10 }],
    through: (box) => rootOfNamespace(box),
    cause: /setresuid: invalid argument: the user namespace of the runtime has no uid 100009/,
    cure: /see \/proc\/self\/uid_map/,
  },
];

const ofTheConfiguration: readonly Refusal[] = [
  {
    title: 'a limit without a cgroup that is his',
    change: (config) => {
      config.linux.resources = { memory: { limit: 1 << 26 } };
    },
    cause: /unable to create the cgroup .*: permission denied/,
    cure: /leave linux\.resources/,
  },
  {
    title: 'a group of a filesystem that is not mapped',
    change: (config) => {
      config.mounts.find(({ type }) => type === 'devpts')?.options?.push('gid=5');
    },
    cause: /cannot specify gid=5 mount option for rootless container: no mapping found for gid 5/,
    cure: /map the id in linux\.gidMappings/,
  },
  {
    title: 'a user that is not mapped',
    change: (config) => {
      config.process.user.uid = 7;
    },
    cause: /user 7 is not mapped into the user namespace/,
    cure: /add it to the id mappings/,
  },
  {
    title: 'additional groups where setgroups(2) is denied',
    change: (config) => {
      config.process.user.additionalGids = [0];
    },
    cause: /cannot set any additional groups in a rootless container/,
    cure: /map a range of \/etc\/subgid by newgidmap/,
  },
  {
    title: 'mqueue of the host',
    change: (config) => dropNamespace(config, 'ipc'),
    cause: /cannot create "mqueue" on "\/dev\/mqueue"/,
    cure: /add \{"type": "ipc"\}/,
  },
  {
    title: 'proc of the host',
    change: (config) => dropNamespace(config, 'pid'),
    cause: /cannot create "proc" on "\/proc"/,
    cure: /only of a pid namespace that belongs to it/,
  },
  {
    title: 'a limit on descriptors above his own',
    change: (config) => {
      config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 2 ** 30, hard: 2 ** 30 }];
    },
    cause: /prlimit64: operation not permitted/,
    cure: /ulimit -Hn/,
  },
  {
    title: 'another limit above his own',
    change: (config) => {
      config.process.rlimits = [{ type: 'RLIMIT_MSGQUEUE', soft: 2 ** 40, hard: 2 ** 40 }];
    },
    cause: /unable to allow RLIMIT_MSGQUEUE up to 1099511627776: prlimit64: operation not permitted/,
    cure: /limits\.conf\(5\)/,
  },
  {
    title: 'a lower oom_score_adj',
    change: (config) => {
      config.process.oomScoreAdj = -500;
    },
    cause: /unable to set oom_score_adj to -500: .*permission denied/,
    cure: /a user can only raise it/,
  },
  {
    title: 'mounts with mapped ids',
    change: (config) => {
      config.mounts.push({ destination: '/data', source: '/etc', options: ['bind'], uidMappings: [...single], gidMappings: [...single] });
    },
    cause: /id-mapped mounts are not supported for rootless containers/,
    cure: /only who owns a filesystem may map its ids/,
  },
  {
    title: 'mappings without root',
    mappings: [{ containerID: 1000, hostID: uid, size: 1 }],
    change: (config) => {
      config.process.user = { uid: 1000, gid: 1000 };
    },
    cause: /unable to become root of the user namespace: invalid argument/,
    cure: /not mapped into the user namespace/,
  },
];

function refuses({ title, mappings = single, change = () => {}, through = asUser, cause, cure }: Refusal): void {
  clause(
    `RUN-012 ${title}`,
    async (box) => {
      const bundle = await bundleOfUser(box, mappings, (config) => {
        config.process.args = ['true'];
        change(config);
      });
      const result = await box.run(bundle, { through: through(box) });
      expect(result.status).toBe(1);
      const [, error = ''] = /error: (.*)/s.exec(result.stderr) ?? [];
      expect(error).toMatch(cause);
      expect(error).toMatch(cure);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    'probe',
    '/usr/bin/setpriv',
    ...(mappings === several ? rangeNeeds : needs),
  );
}

describe('a user without privileges is told what the machine lacks', () => {
  for (const refusal of ofTheMachine) refuses(refusal);

  clause(
    'RUN-012 no directory for his state',
    async (box) => {
      const { id, directory } = await bundleOfUser(box, single);
      const call = [...findRuntime().command, 'run', '--bundle', directory, id];
      const result = await box.host([...asUser(box), 'env', '-u', 'XDG_RUNTIME_DIR', ...call]);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(
        /unable to make the directory \/run\/runts\S* for the state of a container: permission denied.*set XDG_RUNTIME_DIR/s,
      );
    },
    'runts',
    ...needs,
  );
});

describe('a user without privileges is told what of his configuration cannot be had', () => {
  for (const refusal of ofTheConfiguration) refuses(refusal);
});
