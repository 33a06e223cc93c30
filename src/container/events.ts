import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { isExhaustion } from '../native/system-error.ts';
import { type CgroupPaths, isUnified, readIfThere } from './cgroups/cgroup.ts';
import { OomWatch } from './cgroups/oom.ts';
import type { CgroupStats } from './cgroups/stats.ts';
import { statsV1 } from './cgroups/stats-v1.ts';
import { statsV2 } from './cgroups/stats-v2.ts';
import type { Context } from './context.ts';
import { type Exit, exitOf } from './process/exit.ts';
import type { ContainerRecord } from './state/container-record.ts';
import { openInit } from './state/lifecycle.ts';
import { load } from './state/store.ts';

/** One event of a container; `oom` has no data. */
export type ContainerEvent =
  | { readonly type: 'stats' | 'oom'; readonly id: string; readonly data?: CgroupStats }
  | { readonly type: 'exit'; readonly id: string; readonly data: Exit };

const HUGE_PAGES = '/sys/kernel/mm/hugepages';

/** Sizes of huge pages as cgroup files name them: "2MB". */
function pageSizes(): string[] {
  if (!addon.stat(HUGE_PAGES, true)) return [];
  const names = addon.readDirectory(HUGE_PAGES).map(({ name }) => /^hugepages-(\d+)kB$/.exec(name)?.[1]);
  return names.filter((kib) => kib !== undefined).map((kib) => sizeName(Number(kib)));
}

function sizeName(kib: number): string {
  const units = ['KB', 'MB', 'GB'];
  const unit = kib >= 1 << 20 ? 2 : kib >= 1 << 10 ? 1 : 0;
  return `${kib / 1024 ** unit}${units[unit]}`;
}

/** What the files of a container's cgroups say. */
export function readStats(paths: CgroupPaths): CgroupStats {
  const read = (controller: string, file: string): string | undefined => {
    const directory = paths[controller];
    return directory === undefined ? undefined : quietly(`${directory}/${file}`);
  };
  const known = isUnified(paths) ? pageSizes().filter((size) => read('', `hugetlb.${size}.current`) !== undefined) : [];
  if (isUnified(paths)) return statsV2(read, known);
  return statsV1(
    read,
    pageSizes().filter((size) => read('hugetlb', `hugetlb.${size}.usage_in_bytes`) !== undefined),
  );
}

/** Files whose statistics the kernel has retired or switched off cannot be read, each in its own way. */
function quietly(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (isExhaustion(error)) throw error;
    return undefined;
  }
}

/**
 * What a container uses now (CLI-070).
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
 */
export function stats(context: Context, id: string): Extract<ContainerEvent, { type: 'stats' | 'oom' }> {
  return whileRunning(context, id, (_pidfd, { cgroupPaths }) => ({ type: 'stats', id, data: readStats(cgroupPaths) }));
}

/**
 * Does something with a container that runs, and a pidfd of its init.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
 */
export function whileRunning<T>(context: Context, id: string, use: (pidfd: number, record: ContainerRecord) => T): T {
  const record = load(context, id);
  const pidfd = openInit(record);
  if (pidfd === undefined) throw new RuntimeError('NOT_RUNNING', `container with id ${id} is not running`);
  try {
    return use(pidfd, record);
  } finally {
    addon.close(pidfd);
  }
}

/**
 * Reports statistics every `intervalMs` milliseconds, and every process that the kernel kills for want of memory, until the container
 * has ended (CLI-068, CLI-069); with `follow` also how it has.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING
 */
export function events(
  context: Context,
  id: string,
  { intervalMs, follow = false }: { readonly intervalMs: number; readonly follow?: boolean },
  report: (event: ContainerEvent) => void,
): void {
  whileRunning(context, id, (pidfd, record) => {
    const paths = record.cgroupPaths;
    const watch = new OomWatch(pidfd, paths);
    try {
      let next = addon.monotonic() + intervalMs;
      for (;;) {
        const { ended, kills } = watch.wait(Math.max(0, Math.ceil(next - addon.monotonic())));
        for (let count = 0; count < kills; count++) report({ type: 'oom', id });
        if (ended) {
          if (follow) report({ type: 'exit', id, data: exitOf(record, pidfd) });
          return;
        }
        if (addon.monotonic() < next) continue;
        report({ type: 'stats', id, data: readStats(paths) });
        next = Math.max(next + intervalMs, addon.monotonic());
      }
    } finally {
      watch.close();
    }
  });
}
