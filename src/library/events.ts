import { setTimeout } from 'node:timers/promises';
import type { Signs } from '../container/cgroups/signs.ts';
import type { CgroupStats } from '../container/cgroups/stats.ts';
import type { ContainerUsage } from '../container/usage.ts';
import { RuntimeError } from '../errors.ts';
import { O_RDONLY } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { isSystemError } from '../native/system-error.ts';
import type { Ending } from './ending.ts';
import { awaited, type Waiting, waitChanged, waitReadable } from './watcher.ts';

/** Something that has happened to a container. `count` is how often since the last event of its type. */
export type ContainerEvent =
  /** The kernel has killed processes for want of memory. */
  | { readonly type: 'oom'; readonly count: number }
  /** The limit on processes has refused some. */
  | { readonly type: 'pids'; readonly count: number }
  /** Its first process has ended; nothing comes after that. */
  | ({ readonly type: 'exit' } & Ending);

type Limits = Pick<ContainerUsage, 'oomKills' | 'refusedForks'>;

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
  ask: () => Promise<Limits>,
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
  const watch = new SignWatch(await open(), ring);
  try {
    let seen = await ask();
    signal?.throwIfAborted();
    while (!ending) {
      watch.arm();
      // What came before the files were read again, is seen now; what comes after that rings.
      const present = await ask().catch(() => seen);
      yield* differences(seen, present);
      seen = present;
      await awaited(bell.rung());
      signal?.throwIfAborted();
      if (!ending) await setTimeout(GATHERING_MS);
    }
    yield* differences(seen, await ask().catch(() => seen));
    yield { type: 'exit', ...ending };
  } finally {
    signal?.removeEventListener('abort', ring);
    await watch.close();
  }
}

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

function* differences(before: Limits, after: Limits): Generator<ContainerEvent> {
  if (after.oomKills > before.oomKills) yield { type: 'oom', count: after.oomKills - before.oomKills };
  if (after.refusedForks > before.refusedForks) yield { type: 'pids', count: after.refusedForks - before.refusedForks };
}

/** Waits for signs, again and again. */
class SignWatch {
  private readonly signs: Signs;
  private readonly seen: () => void;
  private readonly waits = new Map<string | number, { readonly waiting: Waiting; readonly over: Promise<void> }>();

  constructor(signs: Signs, seen: () => void) {
    this.signs = signs;
    this.seen = seen;
  }

  /** Has `seen` called for what happens from now on. */
  arm(): void {
    for (const path of this.signs.files) if (!this.waits.has(path)) this.add(path, openRead(path), waitChanged);
    for (const fd of this.signs.events) if (!this.waits.has(fd)) this.add(fd, fd, waitReadable);
  }

  private add(key: string | number, fd: number, wait: (fd: number) => Waiting): void {
    if (fd < 0) return;
    const waiting = wait(fd);
    const over = waiting.ended.then(() => {
      this.waits.delete(key);
      if (typeof key === 'string') addon.close(fd);
      else addon.takeEvents(fd);
      this.seen();
    });
    this.waits.set(key, { waiting, over });
  }

  async close(): Promise<void> {
    const waits = [...this.waits.values()];
    for (const { waiting } of waits) waiting.cancel();
    await awaited(Promise.all(waits.map(({ over }) => over)));
    for (const fd of [...this.signs.events, ...this.signs.controls]) addon.close(fd);
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
