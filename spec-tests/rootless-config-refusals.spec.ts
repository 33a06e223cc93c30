import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { dropNamespace, setNamespace } from './harness/config.ts';
import { several, single, uid } from './harness/plain-user.ts';
import { ownRoot, type Refusal, refuses, rootOfNamespace } from './harness/refusal.ts';

// Every refusal that a user without privileges meets tells its cause and its cure: those of his configuration.

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
    title: 'a group that is not mapped',
    change: (config) => {
      config.process.user.gid = 8;
    },
    cause: /group 8 is not mapped into the user namespace/,
    cure: /add it to the id mappings/,
  },
  {
    title: 'an additional group that is not mapped',
    mappings: several,
    change: (config) => {
      config.process.user.additionalGids = [70_000];
    },
    cause: /group 70000 is not mapped into the user namespace/,
    cure: /add it to the id mappings/,
  },
  {
    title: 'ping_group_range with groups that are not mapped',
    change: (config) => {
      config.linux.sysctl = { 'net.ipv4.ping_group_range': '0 2147483647' };
    },
    cause: /unable to write "0 2147483647" to \/proc\/sys\/net\/ipv4\/ping_group_range: invalid argument/,
    cure: /groups that the user namespace has: "0 0" is for root alone, or map more in linux\.gidMappings/,
  },
  {
    title: 'a device that the host has not',
    change: (config) => {
      config.linux.devices = [{ type: 'c', path: '/dev/spec-none', major: 1, minor: 3 }];
    },
    cause: /open the host's \/dev\/spec-none: .*no such file or directory/,
    cure: /those of the host are bound: this one has to be there/,
  },
  {
    title: 'a device of other numbers than the host has',
    change: (config) => {
      config.linux.devices = [{ type: 'c', path: '/dev/zero', major: 1, minor: 3 }];
    },
    cause: /open the host's \/dev\/zero: .*not 1:3/,
    cure: /give the numbers that the one at this path has/,
  },
  {
    title: 'a bind source that only root may enter',
    change: (config, box) => {
      const source = join(box.directory, 'closed', 'inside');
      mkdirSync(source, { recursive: true });
      chmodSync(join(box.directory, 'closed'), 0o700);
      config.mounts.push({ destination: '/data', source, options: ['bind'] });
    },
    cause: /open ".*\/closed\/inside": open_tree: permission denied/,
    cure: /let into every directory on the way \(namei -l/,
  },
  {
    title: 'a filesystem that only root may mount',
    change: (config) => {
      config.mounts.push({ destination: '/data', type: 'ext4', source: '/dev/spec-none' });
    },
    cause: /cannot (create|mount) "(ext4|\/dev\/spec-none)" on "\/data": .*operation not permitted/,
    cure: /few types of filesystems.*mount it outside, and bind it/,
  },
  {
    title: 'sysfs of the host, for root of a user namespace',
    mappings: ownRoot,
    through: (box) => rootOfNamespace(box),
    change: (config) => dropNamespace(config, 'network'),
    cause: /cannot create "sysfs" on "\/sys": .*operation not permitted/,
    cure: /bind \/sys \(rbind, ro\) in its place/,
  },
  {
    title: 'a namespace of somebody else',
    change: (config) => setNamespace(config, 'network', '/proc/1/ns/net'),
    cause: /open the network namespace \/proc\/1\/ns\/net: .*permission denied/,
    cure: /a namespace of your own/,
  },
  {
    title: 'a realtime scheduler',
    change: (config) => {
      config.process.scheduler = { policy: 'SCHED_FIFO', priority: 10 };
    },
    cause: /schedule by SCHED_FIFO: sched_setattr: operation not permitted/,
    cure: /CAP_SYS_NICE/,
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

describe('a user without privileges is told what of his configuration cannot be had', () => {
  for (const refusal of ofTheConfiguration) refuses(refusal);
});
