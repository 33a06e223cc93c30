import type { BlkioEntry, CgroupStats, CpuStats, CpusetStats, MemoryEntry, MemoryStats } from './stats.ts';
import { blkioEntry, flatKeyed, isUnlimited, listOf, nonZero, numberOf, pressureOf, type ReadFile } from './stats-values.ts';

const NANOSECONDS = 1000n;

function cpu(read: ReadFile): CpuStats {
  const stat = flatKeyed(read('', 'cpu.stat'));
  const nanoseconds = (name: string): bigint => (stat[name] ?? 0n) * NANOSECONDS;
  return {
    usage: {
      total: nonZero(nanoseconds('usage_usec')),
      percpu: undefined,
      percpu_kernel: undefined,
      percpu_user: undefined,
      kernel: nanoseconds('system_usec'),
      user: nanoseconds('user_usec'),
    },
    throttling: {
      periods: nonZero(stat['nr_periods'] ?? 0n),
      throttledPeriods: nonZero(stat['nr_throttled'] ?? 0n),
      throttledTime: nonZero(nanoseconds('throttled_usec')),
    },
    psi: pressureOf(read('', 'cpu.pressure')),
  };
}

/** Version 2 has the lists alone. */
function cpuset(read: ReadFile): CpusetStats {
  return {
    cpus: listOf(read('', 'cpuset.cpus.effective')),
    cpu_exclusive: 0n,
    mems: listOf(read('', 'cpuset.mems.effective')),
    mem_hardwall: 0n,
    mem_exclusive: 0n,
    memory_migrate: 0n,
    memory_spread_page: 0n,
    memory_spread_slab: 0n,
    memory_pressure: 0n,
    sched_load_balance: 0n,
    sched_relax_domain_level: 0n,
  };
}

const none: MemoryEntry = { limit: 0n, usage: undefined, max: undefined, failcnt: 0n };

function memory(read: ReadFile): MemoryStats {
  const raw = flatKeyed(read('', 'memory.stat'));
  const value = (name: string): bigint => numberOf(read('', `memory.${name}`));
  const limit = value('max');
  const swapLimit = value('swap.max');
  const both = isUnlimited(limit) || isUnlimited(swapLimit) ? numberOf('max') : limit + swapLimit;
  const usage = value('current');
  return {
    cache: nonZero(raw['file'] ?? 0n),
    usage: {
      limit,
      usage: nonZero(usage),
      max: nonZero(value('peak')),
      failcnt: flatKeyed(read('', 'memory.events'))['max'] ?? 0n,
    },
    swap: {
      limit: both,
      usage: nonZero(usage + value('swap.current')),
      max: undefined,
      failcnt: flatKeyed(read('', 'memory.swap.events'))['fail'] ?? 0n,
    },
    kernel: none,
    kernelTCP: none,
    raw,
    psi: pressureOf(read('', 'memory.pressure')),
  };
}

const bytes = { rbytes: 'Read', wbytes: 'Write', dbytes: 'Discard' } as const;
const operations = { rios: 'Read', wios: 'Write', dios: 'Discard' } as const;

/** Lines "8:0 rbytes=1 wbytes=2 rios=3 …" of io.stat. */
function ioEntries(text: string | undefined, keys: Readonly<Record<string, string>>): BlkioEntry[] | undefined {
  const entries = (text ?? '').split('\n').flatMap((line) => {
    const device = /^(\d+):(\d+) /.exec(line);
    if (!device) return [];
    return Object.entries(keys).flatMap(([key, op]) => {
      const value = new RegExp(` ${key}=(\\d+)`).exec(line)?.[1];
      return value === undefined ? [] : [blkioEntry(device[1] ?? '', device[2] ?? '', op, value)];
    });
  });
  return entries.length > 0 ? entries : undefined;
}

/** The statistics of cgroup v2. */
export function statsV2(read: ReadFile, pageSizes: readonly string[]): CgroupStats {
  const hugetlb = pageSizes.map((size) => {
    const failures = flatKeyed(read('', `hugetlb.${size}.events`))['max'] ?? 0n;
    return [size, { usage: nonZero(numberOf(read('', `hugetlb.${size}.current`))), max: undefined, failcnt: failures }] as const;
  });
  const limit = read('', 'pids.max')?.trim();
  const io = read('', 'io.stat');
  return {
    cpu: cpu(read),
    cpuset: cpuset(read),
    memory: memory(read),
    pids: { current: nonZero(numberOf(read('', 'pids.current'))), limit: limit === 'max' ? undefined : nonZero(numberOf(limit)) },
    blkio: {
      ioServiceBytesRecursive: ioEntries(io, bytes),
      ioServicedRecursive: ioEntries(io, operations),
      psi: pressureOf(read('', 'io.pressure')),
    },
    hugetlb: Object.fromEntries(hugetlb),
    intel_rdt: {},
    network_interfaces: null,
  };
}
