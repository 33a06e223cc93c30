import { O_RDONLY } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { memoryRecord } from '../failure/post-mortem.ts';
import { type CgroupPaths, isUnified } from './cgroup.ts';

/** What a wait for the end of a container has seen. */
export interface Wakeup {
  /** Whether the process has ended. */
  readonly ended: boolean;
  /** How many processes the kernel has killed for want of memory since the last wait. */
  readonly kills: number;
}

/** Waits for a container's end and for the kernel to run out of its memory. */
export class OomWatch {
  private readonly pidfd: number;
  private readonly paths: CgroupPaths;
  /** Cgroup v1: an eventfd that memory.oom_control was told to signal; else -1. */
  private event = -1;
  private control = -1;
  private seen: bigint;

  /** @param pidfd of the init process; stays the caller's */
  constructor(pidfd: number, paths: CgroupPaths) {
    this.pidfd = pidfd;
    this.paths = paths;
    this.seen = this.count();
    const legacy = paths['memory'];
    if (legacy === undefined) return;
    try {
      this.event = addon.eventFd();
      this.control = addon.open(`${legacy}/memory.oom_control`, O_RDONLY, 0);
      addon.writeControl(`${legacy}/cgroup.event_control`, `${this.event} ${this.control}`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private count(): bigint {
    return memoryRecord(this.paths)?.oomKills ?? 0n;
  }

  /** Waits for something to happen, `timeoutMs` milliseconds at the most. */
  wait(timeoutMs: number): Wakeup {
    const file = this.openEvents();
    try {
      // What the kernel counts after this read of the file wakes the poll.
      if (file >= 0) addon.readFd(file, 4096);
      const early = this.take();
      if (early > 0) return { ended: false, kills: early };
      const ready = addon.pollChange([this.pidfd, ...(this.event < 0 ? [] : [this.event])], file < 0 ? [] : [file], timeoutMs);
      if (this.event >= 0) addon.takeEvents(this.event);
      return { ended: ready.includes(0), kills: this.take() };
    } finally {
      if (file >= 0) addon.close(file);
    }
  }

  private openEvents(): number {
    const path = `${this.paths['']}/memory.events`;
    return isUnified(this.paths) && addon.stat(path, true) ? addon.open(path, O_RDONLY, 0) : -1;
  }

  private take(): number {
    const kills = this.count();
    const fresh = kills > this.seen ? kills - this.seen : 0n;
    this.seen = kills;
    return Number(fresh);
  }

  close(): void {
    for (const fd of [this.event, this.control]) if (fd >= 0) addon.close(fd);
  }
}
