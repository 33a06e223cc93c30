import type { LinuxIDMapping, LinuxNamespaceType, LinuxSeccomp, Mount, Spec } from '../spec/types.ts';
import { specVersion } from '../version.ts';
import { sandboxFilter } from './sandbox-filter.ts';

/** A folder of the host that a sandbox sees. */
export interface SandboxMount {
  readonly source: string;
  /** Absolute path in the sandbox; it has to be there in its root. */
  readonly destination: string;
  /** Else read-only. */
  readonly writable?: boolean;
}

/** What a program that nobody trusts is given; the values of what is left out are the defaults. */
export interface SandboxOptions {
  /** Folder of the root filesystem, which is read-only in it: of an image, or one that `hostPrograms` has made. */
  readonly root: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** '/tmp'. */
  readonly cwd?: string;
  readonly mounts?: readonly SandboxMount[];
  /** Bytes that may lie in /tmp, which is all that can be written to: 64 MiB. They count as memory. */
  readonly tmp?: number;
  /** Bytes of memory, without swap: 256 MiB. */
  readonly memory?: number;
  /** Processors' worth of time, such as 0.5: 1. */
  readonly cpus?: number;
  /** Processes and threads: 64. */
  readonly pids?: number;
  /** Path of a network namespace; absent: none but a loopback device of its own. */
  readonly network?: string;
  /** In place of the filter of system calls that all sandboxes have; false: none. */
  readonly seccomp?: LinuxSeccomp | false;
  /** User and group within the sandbox: 1000. */
  readonly user?: number;
  /** First of the 65536 host ids that its users have, which should be nobody's: 2 000 000 000. */
  readonly hostIds?: number;
}

const MIB = 1 << 20;
const IDS = 65_536;
const PERIOD_US = 100_000;

/** What tells about the host. */
const maskedPaths = ['acpi', 'asound', 'interrupts', 'kallsyms', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi', 'timer_list'];
const readonlyPaths = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'];
const inProc = (names: readonly string[]): string[] => names.map((name) => `/proc/${name}`);

const mountOf = ({ source, destination, writable = false }: SandboxMount): Mount => ({
  destination,
  source,
  type: 'none',
  options: ['rbind', 'nosuid', 'nodev', ...(writable ? [] : ['rro'])],
});

const memoryFilesystem = (destination: string, size: number, ...options: string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', `size=${size}`, `nr_inodes=${Math.max(16, Math.floor(size / 4096))}`, ...options],
});

/**
 * The configuration of a container for a program that nobody trusts: it has nothing of the host but what is named here, no privilege, no network
 * and bounded resources. Pure: what it does is what it returns, and may be changed.
 */
export function sandbox(options: SandboxOptions): Spec {
  const { root, args, env = {}, cwd = '/tmp', tmp = 64 * MIB, network, seccomp = sandboxFilter, user = 1000 } = options;
  const types: LinuxNamespaceType[] = ['pid', 'mount', 'ipc', 'uts', 'cgroup', 'user'];
  return {
    ociVersion: specVersion,
    root: { path: root, readonly: true },
    hostname: 'sandbox',
    process: {
      user: { uid: user, gid: user, umask: 0o077 },
      args: [...args],
      env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', ...env }).map(([name, value]) => `${name}=${value}`),
      cwd,
      capabilities: {},
      noNewPrivileges: true,
      rlimits: [
        { type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ],
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'noexec', 'mode=755', 'size=64k'] },
      memoryFilesystem('/tmp', tmp, 'mode=1777'),
      ...(options.mounts ?? []).map(mountOf),
    ],
    linux: {
      namespaces: [...types.map((type) => ({ type })), { type: 'network', ...(network === undefined ? {} : { path: network }) }],
      ...idsOf(options),
      resources: resourcesOf(options),
      maskedPaths: [...inProc(maskedPaths), '/sys/firmware'],
      readonlyPaths: inProc(readonlyPaths),
      ...(seccomp === false ? {} : { seccomp }),
    },
  };
}

/** Of one who gets out of all else nobody on the host is the user. */
function idsOf({ hostIds = 2_000_000_000 }: SandboxOptions): { uidMappings: LinuxIDMapping[]; gidMappings: LinuxIDMapping[] } {
  const mapping = { containerID: 0, hostID: hostIds, size: IDS };
  return { uidMappings: [mapping], gidMappings: [mapping] };
}

function resourcesOf({ memory = 256 * MIB, cpus = 1, pids = 64 }: SandboxOptions): NonNullable<NonNullable<Spec['linux']>['resources']> {
  return {
    memory: { limit: memory, swap: memory },
    cpu: { quota: Math.max(1000, Math.round(cpus * PERIOD_US)), period: PERIOD_US },
    pids: { limit: pids },
    devices: [{ allow: false, access: 'rwm' }],
  };
}
