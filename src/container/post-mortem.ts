import { type CgroupPaths, isUnified, readIfThere } from './cgroup.ts';

/** What the kernel has counted of a container's memory; it stays readable until the cgroup is removed. */
export interface MemoryRecord {
  /** Processes that the kernel killed for want of memory. */
  readonly oomKills: bigint;
  /** Most memory in use so far in bytes; undefined where the kernel does not tell (v2 before 5.19). */
  readonly peak?: bigint;
  /** Bytes; undefined without a limit. */
  readonly limit?: bigint;
}

/** Largest limit that is one; cgroup v1 says "none" by a number of this size. */
const NO_LIMIT = 1n << 62n;

function count(text: string | undefined, key: string): bigint {
  return BigInt(new RegExp(`^${key} (\\d+)$`, 'm').exec(text ?? '')?.[1] ?? 0);
}

function bytes(text: string | undefined): bigint | undefined {
  const word = text?.trim() ?? '';
  return /^\d+$/.test(word) && BigInt(word) < NO_LIMIT ? BigInt(word) : undefined;
}

/** Looks at the memory controller; undefined when the container has none. */
export function memoryRecord(paths: CgroupPaths): MemoryRecord | undefined {
  const directory = paths['memory'] ?? (isUnified(paths) ? paths[''] : undefined);
  if (directory === undefined) return undefined;
  const read = (file: string): string | undefined => readIfThere(`${directory}/memory.${file}`);
  const legacy = paths['memory'] !== undefined;
  const events = read(legacy ? 'oom_control' : 'events');
  if (events === undefined) return undefined;
  const peak = bytes(read(legacy ? 'max_usage_in_bytes' : 'peak'));
  const limit = bytes(read(legacy ? 'limit_in_bytes' : 'max'));
  return { oomKills: count(events, 'oom_kill'), ...(peak === undefined ? {} : { peak }), ...(limit === undefined ? {} : { limit }) };
}

/** A number of bytes in the largest binary unit that keeps it whole. */
export function sizeText(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && value >= 1024n && value % 1024n === 0n) {
    value /= 1024n;
    unit++;
  }
  return `${value} ${units[unit]}`;
}

/** "killed by the memory limit of 512 KiB; peak 508 KiB"; undefined when memory has killed nobody. */
export function memoryDeath(record: MemoryRecord | undefined): string | undefined {
  if (!record || record.oomKills === 0n) return undefined;
  const { limit, peak } = record;
  const by = limit === undefined ? 'killed by a memory limit above its own cgroup' : `killed by the memory limit of ${sizeText(limit)}`;
  return peak === undefined ? by : `${by}; peak ${sizeText(peak)}`;
}
