import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMode, findRuntime, type RuntimeBinary, type RuntimeKind, versionOf } from '../harness/suite.ts';

export interface Peer extends RuntimeBinary {
  readonly version: string;
}

function contestant(runtime: RuntimeBinary): Peer {
  return { ...runtime, version: runtime.kind === 'runts' ? '0' : versionOf(runtime.command) };
}

/**
 * Words that run a command where the peers are called: harness/apart, as crun needs it. On cgroup v2 that is in another cgroup namespace than the
 * machine's first, though with the same root: a cgroup mount of theirs would take nsdelegate from the host.
 */
export function apart(command: readonly string[]): string[] {
  const made = join(import.meta.dirname, '../harness/apart');
  const own = ['sh', '-c', 'echo $$ >/sys/fs/cgroup/cgroup.procs; exec unshare --cgroup "$@"', 'sh'];
  return [...(cgroupMode === 'unified' ? own : []), made, ...command];
}

/**
 * The same, called in the namespaces that somebody holds who was started by `apart`; all of them run so, or what they see would differ. The standard
 * input is of its /dev too.
 */
export function inside(pid: number, { ours, peers }: Contestants): Contestants {
  const entry = ['nsenter', `--mount=/proc/${pid}/ns/mnt`, `--cgroup=/proc/${pid}/ns/cgroup`, 'sh', '-c', 'exec "$@" </dev/null', 'sh'];
  const enter = (peer: Peer): Peer => ({ ...peer, command: [...entry, ...peer.command] });
  return { ours: enter(ours), peers: peers.map(enter) };
}

export interface Contestants {
  readonly ours: Peer;
  readonly peers: readonly Peer[];
}

/** The runtime under test, and those that it is compared with: DIFFERENTIAL_PEERS names them, with colons between; else Debian's. */
export function contestants(env: NodeJS.ProcessEnv = process.env): Contestants {
  const paths = (env['DIFFERENTIAL_PEERS'] ?? '/usr/bin/runc:/usr/sbin/runc:/usr/bin/crun').split(':').filter((path) => existsSync(path));
  const kinds = new Set<RuntimeKind>();
  const peers = paths.map((path) => contestant(findRuntime({ RUNTIME: path }))).filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
  return { ours: contestant(findRuntime()), peers };
}
