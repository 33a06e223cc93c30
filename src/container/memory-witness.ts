import { addon } from '../native/addon.ts';
import { type CgroupPaths, isUnified } from './cgroup.ts';
import { type MemoryRecord, memoryRecord, oomKillsIn } from './post-mortem.ts';

const O_RDONLY = 0;

/**
 * Remembers what the kernel counted of a container's memory: systemd removes the cgroup of a scope as soon as the last process has left it,
 * and with it all that could be read later.
 */
export class MemoryWitness {
  /** memory.events of cgroup v2, which changes when the kernel has killed; else -1. */
  readonly fd: number;
  private readonly paths: CgroupPaths;
  private latest: MemoryRecord | undefined;

  constructor(paths: CgroupPaths) {
    this.paths = paths;
    this.fd = isUnified(paths) ? openOrNone(`${paths['']}/memory.events`) : -1;
    this.latest = memoryRecord(paths);
  }

  /** What the kernel has counted in the end; undefined when that cannot be known. */
  get seen(): MemoryRecord | undefined {
    return this.latest;
  }

  /** @param events content of the file when it was told to have changed */
  look(events: string): void {
    const present = memoryRecord(this.paths);
    const oomKills = oomKillsIn(events);
    if (present !== undefined) this.latest = present;
    else if (oomKills > 0n) this.latest = { ...this.latest, oomKills };
    // A kill that was seen holds, while a peak may have been higher in the end.
    else if (this.latest?.oomKills === 0n) this.latest = undefined;
  }

  close(): void {
    if (this.fd >= 0) addon.close(this.fd);
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
