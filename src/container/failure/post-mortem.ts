import { RuntimeError } from '../../errors.ts';
import { SIGSYS } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { type CgroupPaths, isUnified, readIfThere } from '../cgroups/cgroup.ts';
import type { ContainerRecord, Ending } from '../state/container-record.ts';

/** What the kernel has counted of a container's memory; it stays readable until the cgroup is removed. */
export interface MemoryRecord {
  /** Processes that the kernel killed for want of memory. */
  readonly oomKills: bigint;
  /** Most memory in use so far in bytes; undefined where the kernel does not tell (v2 before 5.19). */
  readonly peak?: bigint;
  /** Bytes; undefined without a limit. */
  readonly limit?: bigint;
}

const FILTER_HINT =
  'from the filter on, init still has to open and write the exec fifo, change user and capabilities, and execute the program';
const LIMIT_POINTER = '/linux/resources/memory/limit';
/** Largest limit that is one; cgroup v1 says "none" by a number of this size. */
const NO_LIMIT = 1n << 62n;

/** Number of such kills that memory.events or memory.oom_control tells of. */
export const oomKillsIn = (events: string): bigint => BigInt(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);

/** A number of bytes as control files have it; undefined for none, and for no limit. */
export function bytes(text: string | undefined): bigint | undefined {
  const word = text?.trim() ?? '';
  return /^\d+$/.test(word) && BigInt(word) < NO_LIMIT ? BigInt(word) : undefined;
}

/**
 * Looks at the memory controller; undefined when the container has none. What cannot be read is not known: a statistic is no reason to
 * end a container, to leave one behind, or to hide how it ended.
 */
export function memoryRecord(paths: CgroupPaths): MemoryRecord | undefined {
  try {
    return readMemory(paths);
  } catch {
    return undefined;
  }
}

function readMemory(paths: CgroupPaths): MemoryRecord | undefined {
  const directory = paths['memory'] ?? (isUnified(paths) ? paths[''] : undefined);
  if (directory === undefined) return undefined;
  const read = (file: string): string | undefined => readIfThere(`${directory}/memory.${file}`);
  const legacy = paths['memory'] !== undefined;
  const events = read(legacy ? 'oom_control' : 'events');
  if (events === undefined) return undefined;
  const peak = bytes(read(legacy ? 'max_usage_in_bytes' : 'peak'));
  const limit = bytes(read(legacy ? 'limit_in_bytes' : 'max'));
  return { oomKills: oomKillsIn(events), ...(peak === undefined ? {} : { peak }), ...(limit === undefined ? {} : { limit }) };
}

/** A number of bytes in the largest binary unit that keeps it whole. */
function sizeText(bytes: bigint): string {
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

/** Codes of errors that only say that init is gone. */
const gone = new Set(['INIT_DIED', 'NOT_CREATED']);

/**
 * Says of a failure what the memory limit or the seccomp filter has to do with it: a process that is killed cannot. Has to be asked before
 * the cgroup is removed and init is reaped.
 * @param doing what was under way: "the container was made"
 * @returns the error itself, or one that says it better
 */
export function explainDeath(error: unknown, { pid, cgroupPaths }: Pick<ContainerRecord, 'pid' | 'cgroupPaths'>, doing: string): unknown {
  if (!(error instanceof RuntimeError) || !(gone.has(error.code) || error.errno === 'ENOMEM')) return error;
  if (gone.has(error.code) && diedOfItsFilter(pid)) {
    const message = `${error.message}: container init was killed by its own seccomp filter (signal ${SIGSYS}) while ${doing}`;
    return error.restated(message, { pointer: '/linux/seccomp', hint: FILTER_HINT });
  }
  const record = memoryRecord(cgroupPaths);
  const death = memoryDeath(record);
  if (gone.has(error.code) && death !== undefined) {
    const message = `container init was OOM-killed (memory limit too low?): ${death} while ${doing}`;
    return new RuntimeError('OOM_KILLED', message, { pointer: LIMIT_POINTER, cause: error });
  }
  if (error.errno !== 'ENOMEM' || record?.limit === undefined) return error;
  const hint = `the memory limit is ${sizeText(record.limit)}${record.peak === undefined ? '' : `; peak ${sizeText(record.peak)}`}`;
  return error.restated(error.message, { hint });
}

/** What waitpid(2) said, in the words of a state. */
export const endingOf = ({ status, signal }: { readonly status: number; readonly signal: number }): Ending =>
  signal > 0 ? { exitStatus: 128 + signal, exitSignal: signal } : { exitStatus: status };

/** What /proc/PID/stat says first, the name between its parentheses and the fields behind them; undefined when there is no such process. */
function processStat(pid: number): { readonly name: string; readonly fields: readonly string[] } | undefined {
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readIfThere(`/proc/${pid}/stat`)?.trim() ?? '') ?? [];
  return rest === '' ? undefined : { name, fields: rest.split(' ') };
}

/** A zombie still knows how it ended: the last field of /proc/PID/stat is what its parent will get from waitpid(2) (proc_pid_stat(5)). */
function zombieEnding(pid: number): Ending {
  const { fields } = processStat(pid) ?? { fields: [] };
  const status = Number(fields.at(-1));
  if (fields[0] !== 'Z' || !Number.isInteger(status)) return {};
  return endingOf({ status: status >> 8, signal: status & 0x7f });
}

/** Flag of /proc/PID/stat: the process is on its way to become a zombie. */
const PF_EXITING = 4;

/** Whether a process still is init's own program: its name is that of a descriptor, since Linux 6.14 that of the file in memory. */
const isInit = (name: string): boolean => /^(?:\d+|memfd:.*)$/.test(name);

/** Whether a process died, or is dying, as init: before it became the program of the container. */
export function diedAsInit(pid: number): boolean {
  const stat = pid > 0 ? processStat(pid) : undefined;
  return stat !== undefined && isInit(stat.name) && (stat.fields[0] === 'Z' || (Number(stat.fields[6]) & PF_EXITING) !== 0);
}

/** How long a process may take from its last breath to being a zombie, in milliseconds. */
const DEATH_TIMEOUT_MS = 5000;

/** A process that dies closes its sockets, by which it is missed, before it is a zombie, which alone tells what it died of. */
function awaitZombie(pid: number): void {
  let pidfd = -1;
  try {
    pidfd = addon.pidfdOpen(pid);
    addon.pollIn([pidfd], DEATH_TIMEOUT_MS);
  } catch (error) {
    // Somebody else has reaped it by now.
    if (!failedWith(error, 'ESRCH')) throw error;
  } finally {
    if (pidfd >= 0) addon.close(pidfd);
  }
}

function diedOfItsFilter(pid: number): boolean {
  if (!diedAsInit(pid)) return false;
  awaitZombie(pid);
  return zombieEnding(pid).exitSignal === SIGSYS;
}

/** What the kernel counted, in the words of a state. */
export const memoryEnding = (memory: MemoryRecord | undefined): Ending => ({
  ...(memory === undefined ? {} : { oomKilled: memory.oomKills > 0n }),
  ...(memory?.peak === undefined ? {} : { memoryPeak: Number(memory.peak) }),
});

/** What is left to tell of a stopped container until it is deleted. */
export function postMortem({ pid, ending, cgroupPaths }: ContainerRecord, isItsProcess: boolean): Ending {
  return { ...(ending ?? (isItsProcess ? zombieEnding(pid) : {})), ...memoryEnding(memoryRecord(cgroupPaths)) };
}
