import { addon } from '../../native/addon.ts';
import type { Context } from '../context.ts';
import type { ContainerRecord } from '../state/container-record.ts';

/** Attribute of a cgroup that was there already when a container was made in it: the latest of these containers. */
const USER = 'trusted.runts.user';
/** Attribute of a cgroup that others still used when the container was deleted for which it had been made. */
const LEFT = 'trusted.runts.left';

/** Tells a container from all others, also from one of the same name that came later, or lies under another root. */
export const cgroupUser = ({ root }: Context, { id, created }: Pick<ContainerRecord, 'id' | 'created'>): string =>
  `${root}/${id} ${created}`;

/** Without the right to such attributes (rootless) nothing is noted, and cgroups are told apart by pid namespaces alone. */
function note(path: string, name: string, value: string): void {
  try {
    addon.setAttribute(path, name, value);
  } catch {
    // What cannot be noted cannot be read either.
  }
}

/**
 * Notes who uses a cgroup that is there already.
 * @returns whether it is the user's to remove, as nobody else will
 */
export function claimCgroup(path: string, user: string): boolean {
  note(path, USER, user);
  return addon.attribute(path, LEFT) !== null;
}

/** A container with those of its cgroups among the ones to remove that were left to it by the container they had been made for. */
export function withLeft<T extends Pick<ContainerRecord, 'cgroupPaths' | 'madeCgroups'>>(record: T): T {
  const { cgroupPaths, madeCgroups } = record;
  const left = Object.values(cgroupPaths).filter((path) => !madeCgroups.includes(path) && addon.attribute(path, LEFT) !== null);
  return left.length === 0 ? record : { ...record, madeCgroups: [...madeCgroups, ...left] };
}

/** Whether another container was made in the cgroup since; then it was empty, and what is in it now is not this one's (LNX-058). */
export function hasOtherUser(path: string, user: string): boolean {
  // Of a damaged record the time is not known.
  return !(addon.attribute(path, USER) ?? user).startsWith(user);
}

/** Leaves a cgroup to those who still use it. */
export function leaveCgroup(path: string): void {
  note(path, LEFT, '1');
}
