import { addon } from '../../native/addon.ts';
import { readMap } from '../../plan/namespaces/idmap.ts';

/** Text of a file of procfs or sysfs; undefined when it is not there, or not for us to read. */
export type ReadFile = (path: string) => string | undefined;

export const fromProc: ReadFile = (path) => {
  try {
    return addon.readFileIfThere(path)?.trim();
  } catch {
    // A hint is not worth another error.
    return undefined;
  }
};

interface Forbidding {
  readonly file: string;
  readonly value: RegExp;
  readonly hint: string;
}

/** Ubuntu lets the namespace be made, and takes all rights in it from whoever has no profile. */
const ofUbuntu: Forbidding = {
  file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
  value: /^[1-9]/,
  hint: 'AppArmor forbids programs without a profile that says `userns,` to make user namespaces: give runts one (share/apparmor.d/runts), or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`',
};

/** What of this machine keeps its users from making user namespaces, and how to allow it; the first that applies. */
const forbidding: readonly Forbidding[] = [
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    value: /^0$/,
    hint: 'this host forbids users to make user namespaces: `sysctl kernel.unprivileged_userns_clone=1` allows it',
  },
  ofUbuntu,
  {
    file: '/proc/self/status',
    value: /^Seccomp:\t2$/m,
    hint: 'a seccomp filter of the caller may forbid it, as that of Docker does in its containers: give the outer container one that allows unshare(2) and clone(2) with new namespaces, or --privileged',
  },
];

const CHROOT = 'in a chroot nobody may make a user namespace (user_namespaces(7)): use pivot_root(8) for the outer root';

/** The profile of AppArmor that confines the runtime; undefined without one. */
export function enforcedProfile(read: ReadFile): string | undefined {
  return /^(.*) \(enforce\)$/.exec(read('/proc/self/attr/current') ?? '')?.[1];
}

/** Why unshare(2) made no user namespace, as far as the machine tells. */
export function whyNoUserNamespace(errno: string, read: ReadFile = fromProc): string | undefined {
  const limit = read('/proc/sys/user/max_user_namespaces');
  if (errno === 'ENOSPC' || errno === 'EUSERS') {
    return limit === '0'
      ? 'user namespaces are switched off here: `sysctl user.max_user_namespaces=15000` allows them'
      : `the limit user.max_user_namespaces (${limit ?? 'unknown'}) is reached, here or in a user namespace above, or they are nested 32 deep`;
  }
  if (errno !== 'EPERM' && errno !== 'EACCES') return undefined;
  // Of those it is the one that answers with EACCES.
  const profile = errno === 'EACCES' ? enforcedProfile(read) : undefined;
  if (profile !== undefined)
    return `the AppArmor profile ${profile}, under which runts was called, has no rule \`userns,\`: add it, or give runts a profile of its own (share/apparmor.d/runts)`;
  const found = forbidding.find(({ file, value }) => value.test(read(file) ?? ''));
  return found?.hint ?? CHROOT;
}

/** Why root of a user namespace that was made may do nothing in it, as far as the machine tells. */
export function whyNoRights(read: ReadFile = fromProc): string | undefined {
  return ofUbuntu.value.test(read(ofUbuntu.file) ?? '') ? ofUbuntu.hint : undefined;
}

interface Range {
  readonly first: number;
  readonly end: number;
}

const rangeOf = (first: number, size: number): Range => ({ first, end: first + size });

/** The part of a range that begins with an id which none of the others holds. */
function missing({ first, end }: Range, held: readonly Range[]): Range | undefined {
  let at = first;
  for (let moved = true; moved; ) {
    const holder = held.find((range) => at >= range.first && at < range.end);
    moved = holder !== undefined && at < end;
    if (holder) at = holder.end;
  }
  if (at >= end) return undefined;
  const next = held.map((range) => range.first).filter((id) => id > at);
  return { first: at, end: Math.min(end, ...next) };
}

/**
 * Why the kernel did not take an id map: ids that the runtime's own user namespace does not have.
 * @param kind of the map
 * @param map lines of it
 */
export function explainNoMap(kind: 'uid' | 'gid', map: string): { readonly why?: string; readonly hint?: string } {
  const why = whyNoMap(kind, map);
  return why === undefined ? {} : { why, hint: `map ids that it has: see /proc/self/${kind}_map` };
}

export function whyNoMap(kind: 'uid' | 'gid', map: string, read: ReadFile = fromProc): string | undefined {
  const own = readMap(read(`/proc/self/${kind}_map`) ?? '').map(({ containerID, size }) => rangeOf(containerID, size));
  if (own.length === 0) return undefined;
  for (const { hostID, size } of readMap(map)) {
    const lacking = missing(rangeOf(hostID, size), own);
    if (lacking === undefined) continue;
    const { first, end } = lacking;
    return `the user namespace of the runtime has no ${kind} ${end - first === 1 ? first : `${first} to ${end - 1}`}`;
  }
  return undefined;
}
