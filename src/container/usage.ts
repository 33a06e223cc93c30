import { type CgroupPaths, isUnified, readIfThere } from './cgroups/cgroup.ts';
import { memoryRecord } from './failure/post-mortem.ts';

/** What the kernel has counted of a container so far; absent where it does not count. Times in microseconds, sizes in bytes. */
export interface ContainerUsage {
  readonly userTime?: number;
  readonly systemTime?: number;
  readonly peakMemory?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Processes that the kernel killed for want of memory. */
  readonly oomKills: number;
  /** Processes and threads that the limit on their number has refused. */
  readonly refusedForks: number;
}

/** A statistic is no reason for anything to fail. */
function read(paths: CgroupPaths, controller: string, file: string): string {
  const directory = isUnified(paths) ? paths[''] : paths[controller];
  try {
    return directory === undefined ? '' : (readIfThere(`${directory}/${file}`) ?? '');
  } catch {
    return '';
  }
}

function counted(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

const number = (text: string): number | undefined => (/^\d+\n?$/.test(text) ? Number(text) : undefined);

type Times = Pick<ContainerUsage, 'userTime' | 'systemTime'>;
type Transfers = Pick<ContainerUsage, 'readBytes' | 'writtenBytes'>;

const times = (userTime: number | undefined, systemTime: number | undefined): Times =>
  userTime === undefined || systemTime === undefined ? {} : { userTime, systemTime };

function timesOf(paths: CgroupPaths): Times {
  if (isUnified(paths)) {
    const stat = read(paths, '', 'cpu.stat');
    return times(counted(stat, 'user_usec'), counted(stat, 'system_usec'));
  }
  const microseconds = (file: string): number | undefined => {
    const nanoseconds = number(read(paths, 'cpuacct', file));
    return nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1000);
  };
  return times(microseconds('cpuacct.usage_user'), microseconds('cpuacct.usage_sys'));
}

/** Sums of all devices: lines "8:0 rbytes=4096 wbytes=0 …", in version 1 "8:0 Read 4096". */
function transfersOf(paths: CgroupPaths): Transfers {
  const text = isUnified(paths) ? read(paths, '', 'io.stat') : read(paths, 'blkio', 'blkio.throttle.io_service_bytes_recursive');
  if (text === '') return {};
  const sum = (pattern: RegExp): number => [...text.matchAll(pattern)].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return isUnified(paths)
    ? { readBytes: sum(/ rbytes=(\d+)/g), writtenBytes: sum(/ wbytes=(\d+)/g) }
    : { readBytes: sum(/^\d+:\d+ Read (\d+)$/gm), writtenBytes: sum(/^\d+:\d+ Write (\d+)$/gm) };
}

/** The limits that have been met. */
export function metLimits(paths: CgroupPaths): Pick<ContainerUsage, 'oomKills' | 'refusedForks'> {
  return {
    oomKills: Number(memoryRecord(paths)?.oomKills ?? 0n),
    refusedForks: counted(read(paths, 'pids', 'pids.events'), 'max') ?? 0,
  };
}

/** What a container has used, by its cgroups, which have to be there yet. */
export function usageOf(paths: CgroupPaths): ContainerUsage {
  const peak = memoryRecord(paths)?.peak;
  return {
    ...timesOf(paths),
    ...(peak === undefined ? {} : { peakMemory: Number(peak) }),
    ...transfersOf(paths),
    ...metLimits(paths),
  };
}
