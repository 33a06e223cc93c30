/** Everything plan() may know about the host. Probed by `src/host/`, plain data so that tests can make one up. */
export interface HostFacts {
  /** Kernel release as numbers, e.g. [6, 18]. */
  readonly kernel: readonly [number, number];
  /** Effective uid of the runtime. */
  readonly euid: number;
  readonly egid: number;
  /** Of a runtime that is not root: its effective capabilities as a bit mask; absent: none. */
  readonly effectiveCapabilities?: bigint;
  /** Whether the runtime lives in the initial user namespace. */
  readonly initialUserNamespace: boolean;
  /** Whether the runtime's own user namespace forbids setgroups(2), as one that `unshare --map-root-user` has made; absent: no. */
  readonly setgroupsDenied?: true;
  /** Whether the runtime's mount namespace belongs to a user namespace above its own, as after `unshare --map-root-user`; absent: no. */
  readonly foreignMounts?: true;
  readonly cgroup: CgroupFacts;
  /** Capabilities of the runtime's bounding set, as a bit mask. */
  readonly boundingCapabilities: bigint;
  /** Highest capability number the kernel knows (/proc/sys/kernel/cap_last_cap). */
  readonly lastCapability: number;
  readonly apparmor: boolean;
  readonly selinux: boolean;
  /** Where the resctrl filesystem is mounted; absent: nowhere. */
  readonly resctrl?: string;
  /** `uname -m`. */
  readonly machine: string;
}

export interface CgroupFacts {
  /** unified: cgroup2 alone on /sys/fs/cgroup; hybrid: v1 controllers plus a cgroup2 mount without controllers; legacy: v1 alone; none: nothing mounted. */
  readonly mode: 'unified' | 'hybrid' | 'legacy' | 'none';
  /**
   * Mounted hierarchies by controller ("memory", "cpu", …, "name=systemd"); "" is the unified one. Co-mounted controllers ("cpu,cpuacct") have an entry each with the same mountPoint.
   */
  readonly hierarchies: Readonly<Record<string, CgroupHierarchy>>;
  /** Controllers of the unified hierarchy's root (cgroup.controllers). */
  readonly unifiedControllers: readonly string[];
  /** Of a runtime that is not the host's root: whether it may make cgroups (v2) beside its own; absent: no. */
  readonly delegated?: true;
}

export interface CgroupHierarchy {
  readonly mountPoint: string;
  /** Root of the mount inside the hierarchy (field 4 of mountinfo), usually "/". */
  readonly root: string;
  /** The runtime's own path in this hierarchy (/proc/self/cgroup). */
  readonly own: string;
}
