import { RuntimeError } from '../../errors.ts';
import type { Linux, LinuxNamespaceType } from '../../spec/types.ts';
import { hasOwn, isNew, namespacePath } from '../context.ts';
import { namespaceOf } from '../namespaces/types.ts';

/** Namespaces that belong to others: CRIU leaves what is in them alone, and finds them again by a descriptor with this key. */
const foreign = [
  { type: 'network', criu: 'net', key: 'extRootNetNS' },
  { type: 'pid', criu: 'pid', key: 'extRootPidNS' },
] as const;

export interface ForeignNamespace {
  /** CRIU's word. */
  readonly criu: string;
  readonly key: string;
  readonly path: string;
  /** CLONE_NEW*. */
  readonly flag: number;
}

/** The network and pid namespace that the container has joined. */
export const foreignNamespaces = (linux: Linux): ForeignNamespace[] =>
  foreign.flatMap(({ type, criu, key }) => {
    const path = namespacePath(linux, type);
    return path ? [{ criu, key, path, flag: namespaceOf(type).flag }] : [];
  });

/** The other namespaces that it has joined, which CRIU enters by itself. */
export const joinedNamespaces = (linux: Linux): { readonly ns: string; readonly ns_file: string }[] =>
  (['ipc', 'uts', 'time'] as const).flatMap((type) => {
    const path = namespacePath(linux, type);
    return path ? [{ ns: namespaceOf(type).file, ns_file: path }] : [];
  });

function unsupported(linux: Linux, type: LinuxNamespaceType, message: string, hint?: string): RuntimeError {
  const index = linux.namespaces?.findIndex((namespace) => namespace.type === type) ?? -1;
  const pointer = `/linux/namespaces${index < 0 ? '' : `/${index}`}`;
  return new RuntimeError('CHECKPOINT_UNSUPPORTED', message, { pointer, ...(hint === undefined ? {} : { hint }) });
}

/**
 * Refuses containers whose namespaces CRIU has no way to make again.
 * @throws RuntimeError CHECKPOINT_UNSUPPORTED
 */
export function requireOwnNamespaces(linux: Linux): void {
  if (!hasOwn(linux, 'mount')) throw unsupported(linux, 'mount', 'a container without a mount namespace cannot be saved or restored');
  for (const type of ['mount', 'cgroup'] as const) {
    if (hasOwn(linux, type) && !isNew(linux, type)) {
      throw unsupported(linux, type, `a container that has joined a ${type} namespace cannot be saved or restored`);
    }
  }
}

/**
 * Refuses to join a user namespace: CRIU makes a new one first, with the saved mappings, and another cannot be entered from there.
 * @throws RuntimeError CHECKPOINT_UNSUPPORTED
 */
export function requireOwnUserNamespace(linux: Linux): void {
  if (!namespacePath(linux, 'user')) return;
  const message = 'a container cannot be restored into a user namespace that is there already';
  throw unsupported(linux, 'user', message, 'leave its path out, and give it the mappings that the saved one had');
}
