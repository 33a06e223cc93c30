import type { LinuxIDMapping, Mount, Spec } from '../spec/types.ts';
import { specVersion } from '../version.ts';

/** Whose processes the container has: those of root, or of one other user. */
export interface SpecOptions {
  /** Present for a container of a user other than root. */
  readonly rootless?: { readonly uid: number; readonly gid: number };
  /** Whether the host has cgroup v2 alone: a cgroup namespace is asked for then. */
  readonly unifiedCgroups: boolean;
}

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

/** What tells about or reaches into the host. */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/devices/virtual/tpm',
  '/sys/firmware',
];

const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function mounts(rootless: boolean): Mount[] {
  const pts = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'];
  // A user maps one group only, so that group 5 (tty) does not exist; sysfs belongs to the owner of the network namespace.
  const sys: Mount = rootless
    ? { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] }
    : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] };
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: rootless ? pts : [...pts, 'gid=5'] },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    sys,
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
  ];
}

function linux({ rootless, unifiedCgroups }: SpecOptions): NonNullable<Spec['linux']> {
  const types = ['pid', ...(rootless ? [] : ['network']), 'ipc', 'uts', 'mount', ...(rootless ? ['user'] : [])];
  if (unifiedCgroups) types.push('cgroup');
  const mapping = (hostID: number): LinuxIDMapping[] => [{ containerID: 0, hostID, size: 1 }];
  return {
    ...(rootless
      ? { uidMappings: mapping(rootless.uid), gidMappings: mapping(rootless.gid) }
      : { resources: { devices: [{ allow: false, access: 'rwm' }] } }),
    namespaces: types.map((type) => ({ type })) as NonNullable<NonNullable<Spec['linux']>['namespaces']>,
    maskedPaths,
    readonlyPaths,
  };
}

/** The starter config.json: sh on a terminal in a read-only ./rootfs. No inheritable capabilities (CVE-2022-29162). */
export function defaultSpec(options: SpecOptions): Spec {
  return {
    ociVersion: specVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'runts',
    mounts: mounts(options.rootless !== undefined),
    linux: linux(options),
  };
}
