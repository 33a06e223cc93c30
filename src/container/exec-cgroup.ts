import { RuntimeError } from '../errors.ts';
import type { CgroupHierarchy } from '../host/facts.ts';
import { addon } from '../native/addon.ts';
import { slots } from '../plan/wire.ts';
import type { ContainerRecord } from './store.ts';

/** A file by which a process enters a cgroup. */
export interface CgroupFile {
  readonly path: string;
  readonly slot: number;
}

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

/** The wanted sub-cgroup by controller; "" is the container's own. */
function subCgroups(paths: ContainerRecord['cgroupPaths'], wanted: readonly string[]): Map<string, string> {
  const below = new Map<string, string>();
  for (const entry of wanted) {
    const colon = entry.indexOf(':');
    const path = entry.slice(colon + 1);
    if (path.split('/').includes('..'))
      throw new RuntimeError('CGROUP_INVALID', `bad --cgroup value ${JSON.stringify(entry)}: must not contain ".."`);
    const controllers = colon < 0 ? Object.keys(paths) : entry.slice(0, colon).split(',');
    for (const controller of controllers) {
      if (paths[controller] === undefined)
        throw new RuntimeError('CGROUP_INVALID', `unknown controller ${controller} in --cgroup ${JSON.stringify(entry)}`);
      below.set(controller, path.replace(/^\/+|\/+$/g, ''));
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
  const own = /^0::(\/.*)$/m.exec(addon.readFile(`/proc/${pid}/cgroup`))?.[1] ?? '';
  const root = unified.root === '/' ? '' : unified.root;
  const directory = own.startsWith(`${root}/`) ? unified.mountPoint + own.slice(root.length) : '';
  // Never out of the container: its init may have been moved by somebody else.
  return directory.startsWith(`${path}/`) ? directory : path;
}

/** The cgroup v2 directory among them, whose file takes whole processes. */
export function spawnDirectory(files: readonly CgroupFile[]): string | undefined {
  const suffix = '/cgroup.procs';
  return files.find(({ path }) => path.endsWith(suffix))?.path.slice(0, -suffix.length);
}
