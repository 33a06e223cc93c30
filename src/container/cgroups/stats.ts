/** Counters are exact: bytes, nanoseconds and the like pass 2^53. Members that are undefined were not told by the kernel, or are zero where runc leaves zeros out. */
export type Counter = bigint | undefined;

/** One line of a pressure file (PSI): averages in percent, total in microseconds. */
interface Pressure {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: bigint;
}

export interface PressureStats {
  readonly some?: Pressure;
  readonly full?: Pressure;
}

/** Times in nanoseconds. */
export interface CpuStats {
  readonly usage: {
    readonly total: Counter;
    readonly percpu: readonly bigint[] | undefined;
    readonly percpu_kernel: readonly bigint[] | undefined;
    readonly percpu_user: readonly bigint[] | undefined;
    readonly kernel: bigint;
    readonly user: bigint;
  };
  readonly throttling: { readonly periods: Counter; readonly throttledPeriods: Counter; readonly throttledTime: Counter };
  readonly psi: PressureStats | undefined;
}

export interface CpusetStats {
  readonly cpus: readonly number[] | undefined;
  readonly cpu_exclusive: bigint;
  readonly mems: readonly number[] | undefined;
  readonly mem_hardwall: bigint;
  readonly mem_exclusive: bigint;
  readonly memory_migrate: bigint;
  readonly memory_spread_page: bigint;
  readonly memory_spread_slab: bigint;
  readonly memory_pressure: bigint;
  readonly sched_load_balance: bigint;
  readonly sched_relax_domain_level: bigint;
}

/** Bytes; `max` is the highest usage so far, `failcnt` how often the limit was met. */
export interface MemoryEntry {
  readonly limit: bigint;
  readonly usage: Counter;
  readonly max: Counter;
  readonly failcnt: bigint;
}

export interface MemoryStats {
  readonly cache: Counter;
  readonly usage: MemoryEntry;
  /** Memory and swap together. */
  readonly swap: MemoryEntry;
  readonly kernel: MemoryEntry;
  readonly kernelTCP: MemoryEntry;
  /** memory.stat. */
  readonly raw: Readonly<Record<string, bigint>>;
  readonly psi: PressureStats | undefined;
}

export interface BlkioEntry {
  readonly major: Counter;
  readonly minor: Counter;
  readonly op: string | undefined;
  readonly value: Counter;
}

export interface BlkioStats {
  readonly ioServiceBytesRecursive: readonly BlkioEntry[] | undefined;
  readonly ioServicedRecursive: readonly BlkioEntry[] | undefined;
  readonly psi: PressureStats | undefined;
}

/** What a cgroup has used, in the member names of runc's `events` (compat: containerd, docker and monitoring read them). */
export interface CgroupStats {
  readonly cpu: CpuStats;
  readonly cpuset: CpusetStats;
  readonly memory: MemoryStats;
  readonly pids: { readonly current: Counter; readonly limit: Counter };
  readonly blkio: BlkioStats;
  readonly hugetlb: Readonly<Record<string, { readonly usage: Counter; readonly max: Counter; readonly failcnt: bigint }>>;
  readonly intel_rdt: Readonly<Record<string, never>>;
  readonly network_interfaces: null;
}
