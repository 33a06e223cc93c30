import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findRuntime, type RuntimeBinary, type RuntimeKind, versionOf } from '../harness/suite.ts';

export interface Peer extends RuntimeBinary {
  readonly version: string;
}

/** As crun needs it: all of them run so, or what they see would differ. The standard input is of that /dev too. */
const apart = [join(import.meta.dirname, '../harness/apart'), 'sh', '-c', 'exec "$@" </dev/null', 'sh'];

function contestant(runtime: RuntimeBinary): Peer {
  return {
    kind: runtime.kind,
    command: [...apart, ...runtime.command],
    version: runtime.kind === 'runts' ? '0' : versionOf(runtime.command),
  };
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
