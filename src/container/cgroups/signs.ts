import { O_RDONLY } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { type CgroupPaths, isUnified } from './cgroup.ts';

/** By what the kernel tells that a container has met a limit. */
export interface Signs {
  /** Files that change (POLLPRI), once they have been read. */
  readonly files: readonly string[];
  /** Descriptors that become readable, each an eventfd; the caller closes them. */
  readonly events: readonly number[];
  /** Descriptors that those hang on; the caller closes them, too. */
  readonly controls: readonly number[];
}

/** Version 2 tells of memory by a file, version 1 by an eventfd that it is given; both tell of refused processes by a file. */
export function openSigns(paths: CgroupPaths): Signs {
  const unified = isUnified(paths) ? paths[''] : undefined;
  const pids = unified ?? paths['pids'];
  const files = [unified && `${unified}/memory.events`, pids && `${pids}/pids.events`].filter((path) => path !== undefined);
  const present = files.filter((path) => addon.stat(path, true) !== null);
  const legacy = paths['memory'];
  return { files: present, ...(legacy === undefined ? { events: [], controls: [] } : openLegacy(legacy)) };
}

function openLegacy(directory: string): Pick<Signs, 'events' | 'controls'> {
  const opened: number[] = [];
  try {
    const event = addon.eventFd();
    opened.push(event);
    const control = addon.open(`${directory}/memory.oom_control`, O_RDONLY, 0);
    opened.push(control);
    addon.writeControl(`${directory}/cgroup.event_control`, `${event} ${control}`);
    return { events: [event], controls: [control] };
  } catch (error) {
    for (const fd of opened) addon.close(fd);
    throw error;
  }
}
