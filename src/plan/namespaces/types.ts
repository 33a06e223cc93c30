import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../../kernel.gen.ts';
import type { LinuxNamespaceType } from '../../spec/types.ts';

export type NamespaceType = LinuxNamespaceType;

interface Namespace {
  readonly type: NamespaceType;
  /** Of clone(2), unshare(2) and setns(2). */
  readonly flag: number;
  /** Below /proc/PID/ns. */
  readonly file: string;
  /** Whether the clone of the container's first process makes it; else a step of its own does. */
  readonly inClone: boolean;
}

/** Every type, in the order in which plans name them. */
export const namespaceTypes: readonly Namespace[] = [
  { type: 'pid', flag: CLONE_NEWPID, file: 'pid', inClone: true },
  { type: 'network', flag: CLONE_NEWNET, file: 'net', inClone: true },
  { type: 'mount', flag: CLONE_NEWNS, file: 'mnt', inClone: true },
  { type: 'ipc', flag: CLONE_NEWIPC, file: 'ipc', inClone: true },
  { type: 'uts', flag: CLONE_NEWUTS, file: 'uts', inClone: true },
  { type: 'user', flag: CLONE_NEWUSER, file: 'user', inClone: false },
  { type: 'cgroup', flag: CLONE_NEWCGROUP, file: 'cgroup', inClone: false },
  { type: 'time', flag: CLONE_NEWTIME, file: 'time', inClone: false },
];

const byType = new Map(namespaceTypes.map((namespace) => [namespace.type, namespace]));

export const namespaceOf = (type: NamespaceType): Namespace => byType.get(type) as Namespace;
