import { existsSync } from 'node:fs';
import type { Mount, Spec } from '../src/spec/types.ts';

/** The host's programs, libraries and settings, read-only all the way down. */
const fromHost = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/usr', '/etc'].filter((path) => existsSync(path));
/** Empty and writable, in memory, gone with the container. */
const writable = ['/tmp', '/run', '/var', '/root'];

const mounts: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  ...fromHost.map((path) => ({ destination: path, type: 'bind', source: path, options: ['rbind', 'rro', 'nosuid', 'nodev'] })),
  ...writable.map((path) => ({ destination: path, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=755', 'size=16m'] })),
];

const capabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID', 'CAP_NET_BIND_SERVICE'];

/** The config.json of the quickstart's container. */
export function makeConfig(args: readonly string[], terminal: boolean): Spec {
  return {
    ociVersion: '1.2.0',
    root: { path: 'rootfs', readonly: true },
    hostname: 'quickstart',
    process: {
      args,
      terminal,
      cwd: '/root',
      user: { uid: 0, gid: 0 },
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', `TERM=${process.env['TERM'] ?? 'dumb'}`],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 256, hard: 256 }],
      noNewPrivileges: true,
    },
    mounts,
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }, { type: 'cgroup' }],
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: 64 * 1024 * 1024 },
        pids: { limit: 32 },
      },
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
