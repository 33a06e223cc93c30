import { O_RDONLY, O_RDWR } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { isExhaustion, isSystemError } from '../../native/system-error.ts';
import { type CgroupPaths, isUnified, readIfThere } from './cgroup.ts';
import { stateFile } from './freezer.ts';

/** What processes wait for in vain. */
export const stallResources = ['cpu', 'memory', 'io'] as const;
export type StallResource = (typeof stallResources)[number];

/**
 * Which stall the kernel tells of: 200 ms within 2 s ("Documentation/accounting/psi.rst"). Others than root may ask for whole multiples of 2 s alone.
 */
const STALL_TRIGGER = 'some 200000 2000000';

/** By what the kernel tells of what happens to a container. */
export interface Signs {
  /** Files that change (POLLPRI), once they have been read. */
  readonly files: readonly string[];
  /** Descriptors that become readable, each an eventfd; the caller closes them. */
  readonly events: readonly number[];
  /** Descriptors that those hang on; the caller closes them, too. */
  readonly controls: readonly number[];
  /** Descriptors of triggers, each of which tells of a stall (POLLPRI), again and again; the caller closes them. Version 2 alone has them. */
  readonly stalls: readonly { readonly resource: StallResource; readonly fd: number }[];
  /** A file that is written to when the container is paused and resumed, of which version 1 tells in no other way. */
  readonly written?: string;
}

/** Version 2 tells of memory by a file, version 1 by an eventfd that it is given; both tell of refused processes by a file. */
export function openSigns(paths: CgroupPaths): Signs {
  const unified = isUnified(paths) ? paths[''] : undefined;
  const pids = unified ?? paths['pids'];
  const own = unified === undefined ? [] : [`${unified}/memory.events`, `${unified}/cgroup.events`];
  const files = [...own, ...(pids === undefined ? [] : [`${pids}/pids.events`])].filter((path) => addon.stat(path, true) !== null);
  const { memory, freezer } = paths;
  return {
    files,
    ...(memory === undefined ? { events: [], controls: [] } : openLegacy(memory)),
    stalls: unified === undefined ? [] : stallResources.flatMap((resource) => openTrigger(unified, resource)),
    ...(freezer === undefined ? {} : { written: stateFile(freezer) }),
  };
}

/** None where the kernel does not count stalls, or tells this user of none. */
function openTrigger(directory: string, resource: StallResource): Signs['stalls'] {
  let fd = -1;
  try {
    fd = addon.open(`${directory}/${resource}.pressure`, O_RDWR, 0);
    addon.writeFd(fd, STALL_TRIGGER);
    return [{ resource, fd }];
  } catch (error) {
    if (fd >= 0) addon.close(fd);
    if (!isSystemError(error) || isExhaustion(error)) throw error;
    return [];
  }
}

/** Microseconds that some process has waited for each resource, where the kernel counts them. */
export function stallsOf(paths: CgroupPaths): Partial<Record<StallResource, number>> {
  if (!isUnified(paths)) return {};
  const counted = stallResources.map((resource) => [resource, totalOf(`${paths['']}/${resource}.pressure`)] as const);
  return Object.fromEntries(counted.filter(([, total]) => total !== undefined));
}

/** Switched off, such files are there and cannot be read. */
function totalOf(path: string): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readIfThere(path) ?? '')?.[1];
    return total === undefined ? undefined : Number(total);
  } catch (error) {
    if (!isSystemError(error) || isExhaustion(error)) throw error;
    return undefined;
  }
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
