import type { HostFacts } from '../host/facts.ts';
import { resolveFrom } from '../spec/path.ts';
import type { SeccompFilter } from '../spec/seccomp/seccomp.ts';
import type { Linux, Spec } from '../spec/types.ts';
import type { NamespaceType } from './namespaces/types.ts';
import { capabilityBit } from './process/capabilities.ts';
import { slots } from './wire/places.ts';

/** What the caller of create adds to the spec. */
export interface PlanOptions {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** Number of descriptors from 3 on that the container's process gets. */
  readonly preserveFds: number;
  /** Whether the terminal of the process adds no carriage return to a newline. */
  readonly plainNewlines?: boolean;
  /** Whether the systemd cgroup driver was asked for. */
  readonly systemdCgroup: boolean;
  /** Whether the container shall stay in the cgroup of the runtime (`--cgroup-manager disabled`). */
  readonly noCgroup?: boolean;
  /** With it: the cgroup of the user's manager that the container is put under; absent: the system's manager is asked. */
  readonly managerCgroup?: string;
  /** Names of annotations that may set properties of the scope which can reach beyond the container. */
  readonly allowedAnnotations?: readonly string[];
  /** Whether the container's pid namespace is made within another one than the runtime's, with which it ends. */
  readonly guarded?: boolean;
  /** The compiled `linux.seccomp`, from a cache; absent: it is compiled now. */
  readonly seccompFilter?: SeccompFilter | undefined;
}

/** What every chapter of the plan reads. */
export interface PlanContext {
  readonly spec: Spec;
  readonly linux: Linux;
  readonly options: PlanOptions;
  readonly facts: HostFacts;
  /** Absolute path of the root filesystem. */
  readonly rootfs: string;
  /** Cgroup directories of the container by controller ("" = unified). */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  /** Hands out descriptor slots. */
  readonly nextSlot: () => number;
}

export function planContext(
  spec: Spec,
  options: PlanOptions,
  facts: HostFacts,
  cgroupPaths: Readonly<Record<string, string>>,
): PlanContext {
  let free: number = slots.firstFree;
  return {
    spec,
    linux: spec.linux ?? {},
    options,
    facts,
    rootfs: resolveFrom(options.bundle, spec.root?.path ?? ''),
    cgroupPaths,
    nextSlot: () => free++,
  };
}

/** The path a namespace is joined by, "" when it is made new, undefined when the runtime's is kept. */
export function namespacePath(linux: Linux, type: NamespaceType): string | undefined {
  const namespace = linux.namespaces?.find((candidate) => candidate.type === type);
  return namespace ? (namespace.path ?? '') : undefined;
}

export const isNew = (linux: Linux, type: NamespaceType): boolean => namespacePath(linux, type) === '';
export const hasOwn = (linux: Linux, type: NamespaceType): boolean => namespacePath(linux, type) !== undefined;

/**
 * Whether nobody but the container's own user namespace gives the runtime any right: then everything that takes one is done inside of it, by the
 * container's first process.
 */
export const isUnprivileged = ({ euid }: HostFacts): boolean => euid !== 0;

/**
 * Whether what is mounted in the runtime's mount namespace can be cloned only in the container's: open_tree(2) takes CAP_SYS_ADMIN in the user
 * namespace that the mount namespace belongs to.
 */
export const lacksMounts = (facts: HostFacts): boolean =>
  isUnprivileged(facts) || facts.foreignMounts === true || (facts.boundingCapabilities & capabilityBit('CAP_SYS_ADMIN')) === 0n;

/** Whether the runtime lacks the powers over cgroups and devices that only the host's root has. */
export const isRootless = ({ euid, initialUserNamespace }: HostFacts): boolean => euid !== 0 || !initialUserNamespace;
