import { RuntimeError } from '../../errors.ts';
import type { CgroupHierarchy } from '../../host/facts.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { slots } from '../../plan/wire/places.ts';
import { normalize } from '../../spec/path.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { readIfThere } from './cgroup.ts';

/** A file by which a process enters a cgroup. */
export interface CgroupFile {
  readonly path: string;
  readonly slot: number;
}

type Hierarchies = Readonly<Record<string, CgroupHierarchy>>;

/**
 * Files by which the process enters the container's cgroups, or sub-cgroups of them (`--cgroup [CONTROLLER,…:]PATH`).
 * @param unified the unified hierarchy, where it is mounted
 * @throws RuntimeError CGROUP_INVALID
 */
export function cgroupFiles(record: ContainerRecord, wanted: readonly string[], unified: CgroupHierarchy | undefined): CgroupFile[] {
  const below = subCgroups(record.cgroupPaths, wanted);
  const files = Object.entries(record.cgroupPaths).map(([controller, path]) => {
    const sub = below.get(controller);
    const directory = sub ? `${path}/${sub}` : sub === undefined && controller === '' ? entrance(record, path, unified) : path;
    return `${directory}/${controller === '' ? 'cgroup.procs' : 'tasks'}`;
  });
  return [...new Set(files)].map((path, index) => ({ path, slot: slots.firstCgroup + index }));
}

/** Whether ".." climbs above the directory that a path begins in. */
function leadsOut(path: string): boolean {
  let depth = 0;
  return path.split('/').some((part) => {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    return depth < 0;
  });
}

/** The wanted sub-cgroup by controller; "" is the container's own. */
function subCgroups(paths: ContainerRecord['cgroupPaths'], wanted: readonly string[]): Map<string, string> {
  const below = new Map<string, string>();
  for (const entry of wanted) {
    const colon = entry.indexOf(':');
    const path = entry.slice(colon + 1);
    if (leadsOut(path)) {
      const hint = `--cgroup ${JSON.stringify(entry)} has to stay below the cgroup of the container`;
      // runc's words, those of 1.3 and those of 1.4.
      throw new RuntimeError('CGROUP_INVALID', `bad sub cgroup path: ${path} is not a sub cgroup path`, { hint });
    }
    const controllers = colon < 0 ? Object.keys(paths) : entry.slice(0, colon).split(',');
    for (const controller of controllers) {
      if (paths[controller] === undefined)
        throw new RuntimeError('CGROUP_INVALID', `unknown controller ${controller} in --cgroup ${JSON.stringify(entry)}`);
      below.set(controller, normalize(`/${path}`).slice(1));
    }
  }
  return below;
}

/**
 * The container's cgroup, or that of its init process when the container hands controllers on to cgroups of its own, as systemd does: then
 * the kernel lets no process into the former (cgroups(7), "no internal processes").
 */
function entrance({ pid }: ContainerRecord, path: string, unified: CgroupHierarchy | undefined): string {
  if (!unified || addon.stat(`${path}/cgroup.subtree_control`, true) === null) return path;
  if (addon.readFile(`${path}/cgroup.subtree_control`).trim() === '') return path;
  const directory = presentDirectory(pid, '', unified) ?? '';
  // Never out of the container: its init may have been moved by somebody else.
  return directory.startsWith(`${path}/`) ? directory : path;
}

/** Directory of the cgroup that a process is in now; undefined where no mount shows it, or its name is longer than any path. */
function presentDirectory(pid: number, controller: string, { mountPoint, root }: CgroupHierarchy): string | undefined {
  const lines = membership(pid)
    .split('\n')
    .map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line));
  const own = lines.find((match) => match?.[1]?.split(',').includes(controller))?.[2];
  const above = root === '/' ? '' : root;
  return own?.startsWith(`${above}/`) ? `${mountPoint}${own.slice(above.length)}`.replace(/\/$/, '') : undefined;
}

/** /proc/PID/cgroup has no names beyond PATH_MAX. */
function membership(pid: number): string {
  try {
    return readIfThere(`/proc/${pid}/cgroup`) ?? '';
  } catch (error) {
    if (!failedWith(error, 'ENAMETOOLONG')) throw error;
    return '';
  }
}

/**
 * Opens what leads into a cgroup of the container. One that is gone has been removed by the container itself, after its init process had
 * moved elsewhere: then the process follows init.
 */
export function openCgroup(path: string, flags: number, { cgroupPaths, pid }: ContainerRecord, hierarchies: Hierarchies): number {
  try {
    return addon.open(path, flags, 0);
  } catch (error) {
    const [controller, own = ''] = Object.entries(cgroupPaths).find(([, directory]) => isOrIn(path, directory)) ?? [];
    const hierarchy = controller === undefined ? undefined : hierarchies[controller];
    if (!failedWith(error, 'ENOENT') || !hierarchy || addon.stat(own, false)) throw error;
    const present = presentDirectory(pid, controller ?? '', hierarchy);
    if (present === undefined) throw error;
    return addon.open(present + path.slice(own.length), flags, 0);
  }
}

/** Whether it is the cgroup itself or a file of it; a sub-cgroup is not where init went. */
const isOrIn = (path: string, directory: string): boolean =>
  path === directory || (path.startsWith(`${directory}/`) && !path.slice(directory.length + 1).includes('/'));

/** The cgroup v2 directory among them, whose file takes whole processes. */
export function spawnDirectory(files: readonly CgroupFile[]): string | undefined {
  const suffix = '/cgroup.procs';
  return files.find(({ path }) => path.endsWith(suffix))?.path.slice(0, -suffix.length);
}
