import type { BlkioEntry, CgroupStats, CpuStats, CpusetStats, MemoryEntry, MemoryStats } from './stats.ts';
import { blkioEntry, flatKeyed, listOf, nonZero, numberOf, pressureOf, type ReadFile } from './stats-values.ts';

/** Ticks of cpuacct.stat are hundredths of a second on every architecture (USER_HZ). */
const NANOSECONDS_PER_TICK = 10_000_000n;

const isDigits = (word: string): boolean => /^\d+$/.test(word);

function perCpu(text: string | undefined): { readonly kernel: bigint[]; readonly user: bigint[] } | undefined {
  const rows = (text ?? '').split('\n').map((line) => /^\d+ (\d+) (\d+)$/.exec(line));
  const found = rows.filter((row) => row !== null);
  if (found.length === 0) return undefined;
  return { user: found.map((row) => BigInt(row[1] ?? 0)), kernel: found.map((row) => BigInt(row[2] ?? 0)) };
}

function cpu(read: ReadFile): CpuStats {
  const ticks = flatKeyed(read('cpuacct', 'cpuacct.stat'));
  const stat = flatKeyed(read('cpu', 'cpu.stat'));
  const split = perCpu(read('cpuacct', 'cpuacct.usage_all'));
  const usages = read('cpuacct', 'cpuacct.usage_percpu')?.split(/\s+/).filter(isDigits).map(BigInt);
  return {
    usage: {
      total: nonZero(numberOf(read('cpuacct', 'cpuacct.usage'))),
      percpu: usages,
      percpu_kernel: split?.kernel,
      percpu_user: split?.user,
      kernel: (ticks['system'] ?? 0n) * NANOSECONDS_PER_TICK,
      user: (ticks['user'] ?? 0n) * NANOSECONDS_PER_TICK,
    },
    throttling: {
      periods: nonZero(stat['nr_periods'] ?? 0n),
      throttledPeriods: nonZero(stat['nr_throttled'] ?? 0n),
      throttledTime: nonZero(stat['throttled_time'] ?? 0n),
    },
    psi: pressureOf(read('', 'cpu.pressure')),
  };
}

function cpuset(read: ReadFile): CpusetStats {
  const value = (name: string): bigint => numberOf(read('cpuset', `cpuset.${name}`));
  return {
    cpus: listOf(read('cpuset', 'cpuset.cpus')),
    cpu_exclusive: value('cpu_exclusive'),
    mems: listOf(read('cpuset', 'cpuset.mems')),
    mem_hardwall: value('mem_hardwall'),
    mem_exclusive: value('mem_exclusive'),
    memory_migrate: value('memory_migrate'),
    memory_spread_page: value('memory_spread_page'),
    memory_spread_slab: value('memory_spread_slab'),
    memory_pressure: value('memory_pressure'),
    sched_load_balance: value('sched_load_balance'),
    sched_relax_domain_level: value('sched_relax_domain_level'),
  };
}

function memoryEntry(read: ReadFile, prefix: string): MemoryEntry {
  const value = (name: string): bigint => numberOf(read('memory', `memory.${prefix}${name}`));
  return {
    limit: value('limit_in_bytes'),
    usage: nonZero(value('usage_in_bytes')),
    max: nonZero(value('max_usage_in_bytes')),
    failcnt: value('failcnt'),
  };
}

function memory(read: ReadFile): MemoryStats {
  const raw = flatKeyed(read('memory', 'memory.stat'));
  return {
    cache: nonZero(raw['cache'] ?? 0n),
    usage: memoryEntry(read, ''),
    swap: memoryEntry(read, 'memsw.'),
    kernel: memoryEntry(read, 'kmem.'),
    kernelTCP: memoryEntry(read, 'kmem.tcp.'),
    raw,
    psi: pressureOf(read('', 'memory.pressure')),
  };
}

/** Lines "8:0 Read 4096"; BFQ counts what goes through it, the throttle layer everything. */
function blkioEntries(read: ReadFile, name: string): BlkioEntry[] | undefined {
  for (const file of [`blkio.bfq.${name}_recursive`, `blkio.throttle.${name}_recursive`, `blkio.throttle.${name}`]) {
    const rows = (read('blkio', file) ?? '').split('\n').map((line) => /^(\d+):(\d+) (\w+) (\d+)$/.exec(line));
    const found = rows.filter((row) => row !== null);
    if (found.length > 0) return found.map(([, major = '', minor = '', op = '', value = '']) => blkioEntry(major, minor, op, value));
  }
  return undefined;
}

/** The statistics of cgroup v1, one hierarchy per controller. */
export function statsV1(read: ReadFile, pageSizes: readonly string[]): CgroupStats {
  const hugetlb = pageSizes.map((size) => {
    const value = (name: string): bigint => numberOf(read('hugetlb', `hugetlb.${size}.${name}`));
    const entry = { usage: nonZero(value('usage_in_bytes')), max: nonZero(value('max_usage_in_bytes')), failcnt: value('failcnt') };
    return [size, entry] as const;
  });
  const limit = read('pids', 'pids.max')?.trim();
  return {
    cpu: cpu(read),
    cpuset: cpuset(read),
    memory: memory(read),
    pids: { current: nonZero(numberOf(read('pids', 'pids.current'))), limit: limit === 'max' ? undefined : nonZero(numberOf(limit)) },
    blkio: {
      ioServiceBytesRecursive: blkioEntries(read, 'io_service_bytes'),
      ioServicedRecursive: blkioEntries(read, 'io_serviced'),
      psi: pressureOf(read('', 'io.pressure')),
    },
    hugetlb: Object.fromEntries(hugetlb),
    intel_rdt: {},
    network_interfaces: null,
  };
}
