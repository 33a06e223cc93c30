import { addon } from '../../native/addon.ts';
import { isExhaustion, type SystemError } from '../../native/system-error.ts';
import type { RuntimeAction } from '../../plan/plan.ts';
import { readIfThere } from './cgroup.ts';

type Enable = Extract<RuntimeAction, { op: 'cgroup.enable' }>;

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const read = (directory: string, file: string): string => readIfThere(`${directory}/${file}`)?.trim() ?? '';

/** Directories from `root` down to `path`, both included. */
export function chain(root: string, path: string): string[] {
  const parts = path.slice(root.length).split('/').filter(Boolean);
  return [root, ...parts.map((_, index) => `${root}/${parts.slice(0, index + 1).join('/')}`)];
}

/** Whether a cgroup other than that of the whole host, which has no type, has processes of its own. */
const hasProcesses = (directory: string): boolean => read(directory, 'cgroup.type') !== '' && read(directory, 'cgroup.procs') !== '';

/**
 * Enables what a directory offers of the wanted controllers; a limit whose controller could not be enabled fails later, with its pointer.
 * Where there are processes, as in the cgroup that a runtime shares with what it serves, only what is needed: each controller makes the
 * cgroups below, those of others too, threaded ones or none at all (cgroups(7), "Threads and the version 2 cgroup hierarchy").
 */
export function enableControllers({ root, path, controllers, needed }: Enable): void {
  for (const directory of chain(root, path).slice(0, -1)) {
    const words = (file: string): string[] => addon.readFile(`${directory}/${file}`).trim().split(/\s+/);
    const [offered, enabled] = [words('cgroup.controllers'), words('cgroup.subtree_control')];
    const missing = controllers.filter((name) => offered.includes(name) && !enabled.includes(name));
    if (missing.length === 0) continue;
    const wanted = hasProcesses(directory) ? missing.filter((name) => needed.includes(name)) : missing;
    if (wanted.length > 0) enableEach(`${directory}/cgroup.subtree_control`, wanted);
  }
}

/** All at once, or one by one where the kernel refuses one of them (realtime processes, a delegated tree). */
function enableEach(file: string, controllers: readonly string[]): void {
  try {
    addon.writeControl(file, controllers.map((name) => `+${name}`).join(' '));
  } catch (error) {
    if (isExhaustion(error)) throw error;
    if (controllers.length === 1) return;
    for (const controller of controllers) enableEach(file, [controller]);
  }
}

/**
 * Makes a cgroup one that takes processes: below one that has processes and hands controllers on, it has to be threaded.
 * @returns whether it was none
 */
export function makeEnterable(path: string): boolean {
  if (read(path, 'cgroup.type') !== 'domain invalid') return false;
  // From the top: a threaded cgroup has to be in a threaded one, or in the root of such.
  makeEnterable(parentOf(path));
  addon.writeControl(`${path}/cgroup.type`, 'threaded');
  return true;
}

/** systemd hands few controllers on to its users unless it is told to. */
function ofSystemd(path: string, controller: string): string {
  if (!/\/user@\d+\.service(\/|$)/.test(path)) return '';
  return `; systemd hands on what /etc/systemd/system/user@.service.d/delegate.conf says: [Service] Delegate=cpu cpuset io memory pids (with ${controller} among them)`;
}

/** What stands in the way of a limit whose file is not there, and what can be done about it; undefined where that is something else. */
export function missingControllerHint(path: string, error: SystemError): string | undefined {
  const directory = parentOf(path);
  const parent = parentOf(directory);
  const controller = /([a-z]+)\.[^/]*$/.exec(path)?.[1] ?? '';
  if (error.code !== 'ENOENT' || controller === 'cgroup' || read(directory, 'cgroup.type') === '') return undefined;
  if (read(directory, 'cgroup.controllers').split(/\s+/).includes(controller)) return undefined;
  const why = hasProcesses(parent)
    ? `has processes of its own, so that it cannot hand "${controller}" on: move them into a cgroup below it`
    : `does not hand "${controller}" on to those below it`;
  return `the cgroup ${parent} (${read(parent, 'cgroup.type') || 'root'}) ${why}, or give the container another cgroupsPath${ofSystemd(parent, controller)}`;
}
