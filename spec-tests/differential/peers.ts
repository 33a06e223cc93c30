import { existsSync } from 'node:fs';
import { cgroupMode, findRuntime, type RuntimeBinary, type RuntimeKind, versionOf } from '../harness/suite.ts';

export interface Peer extends RuntimeBinary {
  readonly version: string;
}

/**
 * crun refuses a cgroup2 mount beside v1 hierarchies that has a controller (see run-crun). All of them run so, or what they see would differ.
 */
const withoutHybrid = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  '! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; exec "$@"',
  'sh',
];

function contestant(runtime: RuntimeBinary): Peer {
  const command = cgroupMode === 'v1' ? [...withoutHybrid, ...runtime.command] : runtime.command;
  return { kind: runtime.kind, command, version: runtime.kind === 'runts' ? '0' : versionOf(runtime.command) };
}

/** The runtime under test, and those that it is compared with: DIFFERENTIAL_PEERS names them, with colons between; else Debian's. */
export function contestants(env: NodeJS.ProcessEnv = process.env): { readonly ours: Peer; readonly peers: readonly Peer[] } {
  const paths = (env['DIFFERENTIAL_PEERS'] ?? '/usr/bin/runc:/usr/sbin/runc:/usr/bin/crun').split(':').filter((path) => existsSync(path));
  const kinds = new Set<RuntimeKind>();
  const peers = paths.map((path) => contestant(findRuntime({ RUNTIME: path }))).filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
  return { ours: contestant(findRuntime()), peers };
}
