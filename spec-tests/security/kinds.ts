import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../harness/bundle.ts';
import { type Config, dropNamespace, set, setNamespace, withUserNamespace } from '../harness/config.ts';
import { isKernelSince } from '../harness/needs.ts';
import { readRecording } from '../harness/recordings.ts';
import { adopt } from '../harness/samples.ts';
import { someLimits } from '../harness/update.ts';

type Change = (config: Config, bundle: Bundle) => void;

const marksOf = ({ config }: Bundle): string[] => config.process.env.filter((entry) => entry.startsWith('SPEC_'));

/** Parameters of two namespaces; that of the other is the host's root's alone in a user namespace before Linux 5.19. */
const sysctls = {
  'net.ipv4.ip_unprivileged_port_start': '80',
  ...(isKernelSince('5.19') ? { 'kernel.shm_rmid_forced': '1' } : {}),
};

const protections: Change = (config) => {
  config.linux.resources = { ...someLimits, devices: [{ allow: false, access: 'rwm' }] };
  config.linux.maskedPaths = ['/proc/keys', '/proc/timer_list', '/sys/firmware'];
  config.linux.readonlyPaths = ['/proc/sys', '/proc/irq'];
  config.linux.sysctl = sysctls;
  config.linux.devices = [{ type: 'c', path: '/dev/kmsg', major: 1, minor: 11, fileMode: 0o600 }];
  config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ERRNO' }] };
  config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 500, hard: 1000 }];
  config.process.noNewPrivileges = true;
  config.process.oomScoreAdj = 123;
};

/** A directory of the host beside the rootfs. */
function volume({ directory }: Bundle): string {
  const path = join(directory, 'volume');
  mkdirSync(path, { recursive: true });
  return path;
}

/** A kernel without NUMA has no such system call. */
export const hasMemoryPolicies = existsSync('/proc/self/numa_maps');

/** Whether mounts can have ids of their own. */
export const mapsIds = isKernelSince('5.14');

/** Where that can be. */
function mapped(source: string): Config['mounts'] {
  const mapping = [{ containerID: 0, hostID: 1000, size: 10 }];
  return mapsIds ? [{ destination: '/mapped', source, options: ['bind', 'idmap'], uidMappings: mapping, gidMappings: mapping }] : [];
}

const mounts: Change = (config, bundle) => {
  const layers = ['one', 'two'].map((name) => join(bundle.directory, name));
  for (const layer of layers) mkdirSync(layer, { recursive: true });
  bundle.put('/copied/file', 'text');
  config.mounts.push(
    { destination: '/overlay', type: 'overlay', source: 'overlay', options: [`lowerdir=${layers.join(':')}`] },
    { destination: '/copied', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] },
    { destination: '/bound', source: volume(bundle), options: ['rbind', 'ro', 'nosuid', 'rprivate'] },
    ...mapped(volume(bundle)),
    { destination: '/again', source: join(bundle.rootfs, 'bin'), options: ['bind', 'ro'] },
    { destination: '/bound', options: ['remount', 'bind', 'ro', 'noexec'] },
  );
  config.root.readonly = true;
  config.linux.rootfsPropagation = 'slave';
};

/** Namespaces that others have made, whose sysctls are set, and those that hardly anybody asks for. */
const spaces: Change = (config) => {
  config.domainname = 'spec.example';
  config.linux.timeOffsets = { monotonic: { secs: 100 } };
  for (const type of ['time', 'cgroup']) setNamespace(config, type);
  for (const [type, path] of Object.entries(namespacesApart())) setNamespace(config, type, path);
  config.linux.sysctl = sysctls;
};

/** Paths of namespaces that are there until this process ends. */
function namespacesApart(): { ipc: string; network: string } {
  // Of no concern to who looks for what the runtime has left: it has none of the box's marks, and ends with its stdin.
  const holder = spawn('unshare', ['--ipc', '--net', 'cat'], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  holder.unref();
  const own = (name: string) => `/proc/${holder.pid}/ns/${name}`;
  return { ipc: own('ipc'), network: own('net') };
}

const user: Change = (config) => {
  config.process.user = { uid: 1000, gid: 1000, additionalGids: [1001] };
  config.process.cwd = '/made/here';
  config.process.capabilities = { ...config.process.capabilities, inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] };
  config.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 0, hard: 1000 }];
  config.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 };
  config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 };
  config.linux.personality = { domain: 'LINUX' };
  if (hasMemoryPolicies) set(config, '/linux/memoryPolicy', { mode: 'MPOL_DEFAULT' });
};

/** What is made: kinds of containers that differ in what it takes to make them. */
const kinds = {
  plain: protections,
  engine: (_, bundle) => adopt(readRecording('bookworm-docker-run.json'), bundle, []),
  user: (config, bundle) => {
    protections(config, bundle);
    withUserNamespace(config);
  },
  hooks: (config, bundle) => {
    protections(config, bundle);
    const hook = (name: string) => [{ path: '/bin/sh', args: ['sh', '-c', ': hook'], env: [`NAME=${name}`, ...marksOf(bundle)] }];
    for (const name of ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const)
      config.hooks = { ...config.hooks, [name]: hook(name) };
  },
  terminal: (config, bundle) => {
    protections(config, bundle);
    config.process.terminal = true;
  },
  mounts,
  /** Mounts of a user namespace whose ids the runtime maps. */
  mapped: (config, bundle) => {
    withUserNamespace(config);
    for (const name of ['inside', 'mapped', 'private']) mkdirSync(join(bundle.rootfs, name), { recursive: true });
    // The owner has no id in the user namespace, so that root has no power over it.
    chownSync(join(bundle.rootfs, 'private'), 0, 101_000);
    chmodSync(join(bundle.rootfs, 'private'), 0o710);
    config.process.user = { uid: 1000, gid: 1000 };
    config.process.cwd = '/private';
    config.mounts.push(...mapped(join(bundle.rootfs, 'inside')));
  },
  process: (config, bundle) => {
    spaces(config, bundle);
    user(config, bundle);
  },
  /** The mount namespace of the host, in which nothing is mounted. */
  bare: (config) => {
    dropNamespace(config, 'mount');
    config.mounts = [];
  },
  unpivoted: protections,
} satisfies Record<string, Change>;

export type Kind = keyof typeof kinds;

export function makeKind(kind: Kind, config: Config, bundle: Bundle): void {
  kinds[kind](config, bundle);
}

/** Options of create and run besides. */
export const kindOptions = (kind: Kind): string[] => (kind === 'unpivoted' ? ['--no-pivot'] : []);

/** What calls the runtime: one that may make no nodes takes those of the host. */
export const kindCaller = (kind: Kind): string[] => (kind === 'unpivoted' ? ['setpriv', '--bounding-set', '-mknod'] : []);
