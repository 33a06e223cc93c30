import { type FSWatcher, watch } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Signs, StallResource } from '../container/cgroups/signs.ts';
import type { CgroupStats } from '../container/cgroups/stats.ts';
import { RuntimeError } from '../errors.ts';
import { O_RDONLY } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith, isSystemError } from '../native/system-error.ts';
import type { Ending } from './ending.ts';
import type { Circumstances } from './operations.ts';
import { awaited, type Waiting, waitChanged, waitReadable } from './watcher.ts';

/** Something that has happened to a container. `count` is how often since the last event of its type. */
export type ContainerEvent =
  /** The kernel has killed processes for want of memory. */
  | { readonly type: 'oom'; readonly count: number }
  /** The limit on processes has refused some. */
  | { readonly type: 'pids'; readonly count: number }
  /** All of its processes are stopped, by whomever; what is over within some milliseconds may go untold. */
  | { readonly type: 'pause' }
  /** They go on. */
  | { readonly type: 'resume' }
  /**
   * For more than a tenth of 2 s some of its processes had to wait for this (cgroup v2, where the kernel counts it); `stalled` are the microseconds since
   * the last event of this resource.
   */
  | { readonly type: 'pressure'; readonly resource: StallResource; readonly stalled: number }
  /** Its first process has ended; nothing comes after that. */
  | ({ readonly type: 'exit' } & Ending);

const isOver = (error: unknown): boolean => error instanceof RuntimeError && error.code === 'NOT_RUNNING';

/** How long what happens again and again is counted before it is told of, in milliseconds: a fork bomb is refused thousands of times a second. */
const GATHERING_MS = 50;

export async function* statistics(
  ask: () => Promise<CgroupStats>,
  ended: Promise<Ending>,
  interval: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<CgroupStats, void> {
  const end = new AbortController();
  void ended.then(() => end.abort());
  const either = signal ? AbortSignal.any([end.signal, signal]) : end.signal;
  while (!end.signal.aborted) {
    try {
      yield await ask();
    } catch (error) {
      if (isOver(error)) return;
      throw error;
    }
    await setTimeout(interval, undefined, { signal: either }).catch(() => {});
    signal?.throwIfAborted();
  }
}

export async function* happenings(
  open: () => Promise<Signs>,
  ask: () => Promise<Circumstances>,
  ended: Promise<Ending>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent, void> {
  const bell = new Bell();
  const ring = (): void => bell.ring();
  let ending: Ending | undefined;
  void ended.then((known) => {
    ending = known;
    ring();
  });
  signal?.addEventListener('abort', ring);
  const signs = new SignWatch(await open(), ring);
  try {
    const account = new Account(await ask());
    signal?.throwIfAborted();
    while (!ending) {
      signs.arm();
      const stalled = signs.takeStalled();
      // What came before the files were read again, is seen now; what comes after that rings.
      const news = account.news(await ask().catch(() => undefined), stalled);
      yield* news;
      await awaited(bell.rung());
      signal?.throwIfAborted();
      if (!ending && news.some((event) => 'count' in event)) await setTimeout(GATHERING_MS);
    }
    yield* account.news(await ask().catch(() => undefined), []);
    yield { type: 'exit', ...ending };
  } finally {
    signal?.removeEventListener('abort', ring);
    await signs.close();
  }
}

/** What was told of a container. */
class Account {
  private seen: Circumstances;
  private stalls: Circumstances['stalls'];

  constructor(seen: Circumstances) {
    // Of one that is paused already the first event tells.
    this.seen = { ...seen, isPaused: false };
    this.stalls = seen.stalls;
  }

  /** What is to be told of what is present; of nothing when that could not be asked for. */
  news(present: Circumstances | undefined, stalled: readonly StallResource[]): ContainerEvent[] {
    if (!present) return [];
    const { oomKills, refusedForks, isPaused } = this.seen;
    this.seen = present;
    return [
      ...counted('oom', present.oomKills - oomKills),
      ...counted('pids', present.refusedForks - refusedForks),
      ...(present.isPaused === isPaused ? [] : [{ type: present.isPaused ? 'pause' : 'resume' } as const]),
      ...stalled.map((resource) => this.pressure(resource, present.stalls[resource] ?? 0)),
    ];
  }

  private pressure(resource: StallResource, total: number): ContainerEvent {
    const stalled = total - (this.stalls[resource] ?? 0);
    this.stalls = { ...this.stalls, [resource]: total };
    return { type: 'pressure', resource, stalled };
  }
}

const counted = (type: 'oom' | 'pids', count: number): ContainerEvent[] => (count > 0 ? [{ type, count }] : []);

/** Remembers that it was rung. */
class Bell {
  private isRung = false;
  private listener: (() => void) | undefined;

  ring(): void {
    this.isRung = true;
    this.listener?.();
  }

  /** Resolved when it has been rung since the last time. */
  async rung(): Promise<void> {
    if (!this.isRung) {
      await new Promise<void>((resolve) => {
        this.listener = resolve;
      });
    }
    this.isRung = false;
  }
}

/** Waits for signs, again and again. */
class SignWatch {
  private readonly signs: Signs;
  private readonly seen: () => void;
  private readonly waits = new Map<string | number, { readonly waiting: Waiting; readonly over: Promise<void> }>();
  private readonly stalled = new Set<StallResource>();
  private readonly written: FSWatcher | undefined;

  constructor(signs: Signs, seen: () => void) {
    this.signs = signs;
    this.seen = seen;
    try {
      this.written = signs.written === undefined ? undefined : watchWritten(signs.written, seen);
    } catch (error) {
      this.closeSigns();
      throw error;
    }
  }

  /** Has `seen` called for what happens from now on. */
  arm(): void {
    const { files, events, stalls } = this.signs;
    for (const path of files) if (!this.waits.has(path)) this.watchFile(path);
    for (const fd of events) if (!this.waits.has(fd)) this.add(fd, waitReadable(fd), () => addon.takeEvents(fd));
    for (const { resource, fd } of stalls) {
      if (!this.waits.has(fd)) this.add(fd, waitChanged(fd), (isReady) => isReady && this.stalled.add(resource));
    }
  }

  /** What was stalled since the last time. */
  takeStalled(): StallResource[] {
    const stalled = [...this.stalled];
    this.stalled.clear();
    return stalled;
  }

  private watchFile(path: string): void {
    const fd = openRead(path);
    if (fd >= 0) this.add(path, waitChanged(fd), () => addon.close(fd));
  }

  private add(key: string | number, waiting: Waiting, ended: (isReady: boolean) => unknown): void {
    const over = waiting.ended.then((isReady) => {
      this.waits.delete(key);
      ended(isReady);
      this.seen();
    });
    this.waits.set(key, { waiting, over });
  }

  async close(): Promise<void> {
    this.written?.close();
    const waits = [...this.waits.values()];
    for (const { waiting } of waits) waiting.cancel();
    await awaited(Promise.all(waits.map(({ over }) => over)));
    this.closeSigns();
  }

  private closeSigns(): void {
    const { events, controls, stalls } = this.signs;
    for (const fd of [...events, ...controls, ...stalls.map((stall) => stall.fd)]) addon.close(fd);
  }
}

/** By inotify(7). The file goes with its cgroup, which is no error. */
function watchWritten(path: string, seen: () => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false }, seen).on('error', () => {});
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A file that is read tells of changes from then on; -1: it is gone with its cgroup. */
function openRead(path: string): number {
  let fd = -1;
  try {
    fd = addon.open(path, O_RDONLY, 0);
    addon.readFd(fd, 4096);
    return fd;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (fd >= 0) addon.close(fd);
    return -1;
  }
}
