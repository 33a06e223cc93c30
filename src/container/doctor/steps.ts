import { errnoText } from '../../errno.ts';
import { hintFor } from '../../hints.ts';
import { ENOENT } from '../../kernel.gen.ts';
import type { Plan, Step } from '../../plan/plan.ts';
import type { BundleFinding, Machine } from './check.ts';

/** Whether a filesystem is there, or a module of this kernel would bring it. */
function hasFilesystem({ read, release }: Machine, type: string): boolean {
  const known = (read('/proc/filesystems') ?? '').split(/\s+/).includes(type);
  return known || (read(`/lib/modules/${release}/modules.dep`) ?? '').includes(`/${type}.ko`);
}

/** The path that a step of the runtime or of init opens outside of the container, and the code of its failure. */
function outsidePath({ action }: Step): readonly [path: string, code: string] | undefined {
  switch (action.op) {
    case 'tree.clone':
    case 'tree.cloneDevice':
      return [action.source, 'MOUNT_FAILED'];
    case 'ns.open':
      return [action.path, 'STEP_FAILED'];
    case 'hook.run':
      return 'hook' in action ? [action.hook.path, 'HOOK_FAILED'] : undefined;
    case 'procfs.write':
      return action.path.startsWith('sys/') ? [`/proc/${action.path}`, 'SYSCTL_FAILED'] : undefined;
    default:
      return undefined;
  }
}

/** @param made paths of cgroups that earlier steps make */
function missingPath(step: Step, { exists }: Machine, made: ReadonlySet<string>): BundleFinding[] {
  const [path, code] = outsidePath(step) ?? [];
  if (path === undefined || code === undefined || !path.startsWith('/') || made.has(path) || exists(path) !== false) return [];
  const hint = hintFor({ op: step.action.op, errno: 'ENOENT', ...(code === 'SYSCTL_FAILED' ? { type: 'sysctl' } : {}) });
  const message = `unable to ${step.title}: ${path}: ${errnoText(ENOENT)}`;
  return [{ severity: 'error', code, pointer: step.pointer ?? '', message, ...(hint === undefined ? {} : { hint }) }];
}

function unknownType({ action, pointer = '' }: Step, machine: Machine): BundleFinding[] {
  if (action.op !== 'fs.mount' && action.op !== 'fs.mountLegacy') return [];
  if (hasFilesystem(machine, action.type)) return [];
  const hint = hintFor({ op: action.op, errno: 'ENODEV' });
  const message = `this kernel does not know the filesystem type ${JSON.stringify(action.type)}`;
  return [{ severity: 'error', code: 'MOUNT_TYPE_UNKNOWN', pointer, message, ...(hint === undefined ? {} : { hint }) }];
}

/** What steps would fail because of what is not there; the rest only the kernel can tell. */
export function stepFindings({ steps }: Plan, machine: Machine): BundleFinding[] {
  const made = new Set(steps.flatMap(({ action }) => (action.op === 'cgroup.create' ? [action.path] : [])));
  return steps.flatMap((step) => [...missingPath(step, machine, made), ...unknownType(step, machine)]);
}
