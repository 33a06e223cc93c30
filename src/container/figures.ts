import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { CgroupStats, PressureStats } from './cgroups/stats.ts';
import type { Context } from './context.ts';
import { readStats, whileRunning } from './events.ts';
import { listIds } from './list.ts';

/** What a container uses at a moment; absent: the kernel does not count it, or the container has no cgroup of its own. */
export interface Figures {
  readonly id: string;
  /** Of one cpu, in percent, since the last look; absent at the first. */
  readonly cpuPercent?: number;
  /** Time on cpus so far, in microseconds. */
  readonly cpuTime?: number;
  /** Bytes in use, without what the kernel can take back at once. */
  readonly memory?: number;
  /** Bytes; absent: no limit. */
  readonly memoryLimit?: number;
  readonly pids?: number;
  readonly pidsLimit?: number;
  /** Part of the last ten seconds in which something had to wait, in percent (PSI, some avg10). */
  readonly pressure?: { readonly cpu?: number; readonly memory?: number; readonly io?: number };
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Bytes in a second since the last look; absent at the first. */
  readonly readRate?: number;
  readonly writeRate?: number;
}

/** Largest limit that is one; what is above says "none". */
const NO_LIMIT = 1n << 62n;

const present = <T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;

const count = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value));
const limit = (value: bigint | undefined): number | undefined =>
  value === undefined || value === 0n || value >= NO_LIMIT ? undefined : Number(value);
const waits = (psi: PressureStats | undefined): number | undefined => psi?.some?.avg10;

function transferred({ blkio }: CgroupStats, wanted: string): number | undefined {
  const entries = blkio.ioServiceBytesRecursive;
  return entries?.reduce((sum, { op, value }) => sum + (op === wanted ? Number(value ?? 0n) : 0), 0);
}

/** The figures that statistics tell. */
export function figuresOf(id: string, stats: CgroupStats): Figures {
  const { cpu, memory, pids, blkio } = stats;
  const usage = count(memory.usage.usage);
  // Version 1 has the sum of the tree under another name.
  const spare = Number(memory.raw['total_inactive_file'] ?? memory.raw['inactive_file'] ?? 0n);
  const pressure = present({ cpu: waits(cpu.psi), memory: waits(memory.psi), io: waits(blkio.psi) });
  return {
    id,
    ...present({
      cpuTime: cpu.usage.total === undefined ? undefined : Number(cpu.usage.total / 1000n),
      memory: usage === undefined ? undefined : Math.max(0, usage - spare),
      memoryLimit: usage === undefined ? undefined : limit(memory.usage.limit),
      pids: count(pids.current),
      pidsLimit: limit(pids.limit),
      pressure: Object.keys(pressure).length === 0 ? undefined : pressure,
      readBytes: transferred(stats, 'Read'),
      writtenBytes: transferred(stats, 'Write'),
    }),
  };
}

interface Look {
  readonly at: number;
  /** Tells a container from a later one of its id. */
  readonly startTime: string;
  readonly figures: Figures;
}

/** What has come between two looks, in a second; undefined where nothing can be told. */
function rate(now: number | undefined, before: number | undefined, seconds: number): number | undefined {
  return now === undefined || before === undefined || now < before || seconds <= 0 ? undefined : (now - before) / seconds;
}

function compared({ at, startTime, figures }: Look, last: Look | undefined): Figures {
  if (last === undefined || last.startTime !== startTime) return figures;
  const seconds = (at - last.at) / 1000;
  const cpu = rate(figures.cpuTime, last.figures.cpuTime, seconds);
  return {
    ...figures,
    ...present({
      cpuPercent: cpu === undefined ? undefined : cpu / 10_000,
      readRate: rate(figures.readBytes, last.figures.readBytes, seconds),
      writeRate: rate(figures.writtenBytes, last.figures.writtenBytes, seconds),
    }),
  };
}

/** Looks at containers again and again. */
export class Meter {
  private readonly context: Context;
  private readonly ids: readonly string[];
  private looks = new Map<string, Look>();
  private isFirst = true;

  /** @param ids the containers; none: all that run, also those to come */
  constructor(context: Context, ids: readonly string[]) {
    this.context = context;
    this.ids = ids;
  }

  /**
   * What each of them uses now. One that was named and has ended is left out, but for the first look.
   * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
   */
  look(): Figures[] {
    const looks = new Map<string, Look>();
    for (const id of this.ids.length > 0 ? this.ids : listIds(this.context)) {
      const look = this.lookAt(id);
      if (look) looks.set(id, look);
    }
    const figures = [...looks].map(([id, look]) => compared(look, this.looks.get(id)));
    this.looks = looks;
    this.isFirst = false;
    return figures;
  }

  private lookAt(id: string): Look | undefined {
    try {
      return whileRunning(this.context, id, (_pidfd, { startTime, cgroupPaths }) => {
        const figures = figuresOf(id, readStats(cgroupPaths));
        return { at: addon.monotonic(), startTime, figures };
      });
    } catch (error) {
      if (!(error instanceof RuntimeError) || (this.isFirst && this.ids.length > 0)) throw error;
      this.context.debug(`passing over ${id}: ${error.message}`);
      return undefined;
    }
  }
}
