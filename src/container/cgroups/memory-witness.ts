import { O_RDONLY } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { bytes, type MemoryRecord, memoryRecord, oomKillsIn } from '../failure/post-mortem.ts';
import { type CgroupPaths, isUnified } from './cgroup.ts';

/**
 * Remembers what the kernel counted of a container's memory: systemd removes the cgroup of a scope as soon as the last process has left it,
 * and with it all that could be read later.
 */
export class MemoryWitness {
  /**
   * Files of cgroup v2: cgroup.events, which changes when the last process has left, memory.events, which changes when the kernel has
   * killed, and memory.peak. The kernel wakes whoever polls the first before systemd learns of the change, by inotify.
   */
  readonly fds: readonly number[];
  private readonly paths: CgroupPaths;
  private latest: MemoryRecord | undefined;
  /** Whether the latest was counted after the last process had left, so that nothing came after it. */
  private isFinal = false;

  constructor(paths: CgroupPaths) {
    this.paths = paths;
    const files = isUnified(paths) ? ['cgroup.events', 'memory.events', 'memory.peak'] : [];
    this.fds = files.map((file) => openOrNone(`${paths['']}/${file}`));
    this.latest = memoryRecord(paths);
  }

  /** What the kernel has counted in the end; undefined when that cannot be known. */
  get seen(): MemoryRecord | undefined {
    return this.latest;
  }

  /** @param contents of the files, read in this order when one was told to have changed */
  look(population = '', events = '', peak = ''): void {
    const present = memoryRecord(this.paths);
    const oomKills = oomKillsIn(events);
    const highest = bytes(peak);
    if (present !== undefined) this.latest = present;
    else if (highest !== undefined) this.latest = { ...this.latest, oomKills, peak: highest };
    else if (oomKills > 0n) this.latest = { ...this.latest, oomKills };
    // A kill that was seen holds, while a peak may have been higher in the end.
    else if (this.latest?.oomKills === 0n && !this.isFinal) this.latest = undefined;
    if (events !== '') this.isFinal = /^populated 0$/m.test(population);
  }

  close(): void {
    for (const fd of this.fds) if (fd >= 0) addon.close(fd);
  }
}

/** Without it nothing is told of changes, and what is there in the end is looked at all the same. */
function openOrNone(path: string): number {
  try {
    return addon.open(path, O_RDONLY, 0);
  } catch {
    return -1;
  }
}
