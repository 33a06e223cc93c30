import { O_CLOEXEC, O_WRONLY } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { isSystemError } from '../native/system-error.ts';
import { parentDirectory } from '../plan/cgroups/path.ts';
import type { CgroupFacts } from './facts.ts';

const WRITABLE_BY_OWNER = 0o200;

/** Opening alone changes nothing, and is refused on a mount that is read-only too. */
export function mayWrite(path: string): boolean {
  try {
    addon.close(addon.open(path, O_WRONLY | O_CLOEXEC, 0));
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}

/**
 * The same facts, with whether the cgroup around the runtime's own is delegated to its user: he may make cgroups in it, and move processes between them
 * (cgroups(7), "Cgroups delegation: delegating a hierarchy to a less privileged user").
 */
export function withDelegation(facts: CgroupFacts, euid: number): CgroupFacts {
  const unified = facts.hierarchies[''];
  if (facts.mode !== 'unified' || unified === undefined) return facts;
  const directory = parentDirectory(unified);
  const found = addon.stat(directory, true);
  const isHis = found?.uid === euid && (found.mode & WRITABLE_BY_OWNER) !== 0;
  return isHis && mayWrite(`${directory}/cgroup.procs`) ? { ...facts, delegated: true } : facts;
}
