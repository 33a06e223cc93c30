import { addon } from '../../native/addon.ts';
import type { LinuxIDMapping, Spec } from '../../spec/types.ts';
import { userNames } from './user-names.ts';

interface Range {
  readonly from: number;
  readonly size: number;
}

/** The ranges of ids that a file such as /etc/subuid gives to a user, by name or by number (subuid(5)). */
export function subordinateRanges(file: string, user: string | undefined, uid: number): Range[] {
  const lines = (addon.readFileIfThere(file) ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, owner, from, size] = /^([^:]+):(\d{1,10}):(\d{1,10})$/.exec(line) ?? [];
    return owner !== undefined && (owner === user || owner === String(uid)) ? [{ from: Number(from), size: Number(size) }] : [];
  });
}

/** The runtime's own id for that of the container's process, the subordinate ids for the others in their order. */
function mappings(ranges: readonly Range[], own: number, inside: number): LinuxIDMapping[] {
  if (ranges.length === 0) return [{ containerID: 0, hostID: own, size: 1 }];
  const result: LinuxIDMapping[] = [];
  let next = 0;
  const take = (hostID: number, size: number): void => {
    if (size > 0) result.push({ containerID: next, hostID, size });
    next += size;
  };
  for (const { from, size } of ranges) {
    const below = next <= inside ? Math.min(inside - next, size) : size;
    take(from, below);
    if (next !== inside) continue;
    take(own, 1);
    take(from + below, size - below);
  }
  // They do not reach as far.
  if (next <= inside) result.push({ containerID: inside, hostID: own, size: 1 });
  return result;
}

const makesUserNamespace = ({ linux }: Spec): boolean => linux?.namespaces?.some(({ type, path }) => type === 'user' && !path) === true;

/** A spec whose new user namespace has id mappings, those that crun makes up where it gives none. */
export function withDefaultMappings(spec: Spec): Spec {
  const { linux, process } = spec;
  if (!makesUserNamespace(spec)) return spec;
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  if (uidMappings.length > 0 && gidMappings.length > 0) return spec;
  const [euid, egid] = [addon.geteuid(), addon.getegid()];
  const user = userNames(addon.readFileIfThere('/etc/passwd') ?? '').get(euid);
  const { uid = 0, gid = 0 } = process?.user ?? {};
  const made = (file: string, own: number, inside: number): LinuxIDMapping[] => mappings(subordinateRanges(file, user, euid), own, inside);
  return {
    ...spec,
    linux: {
      ...linux,
      uidMappings: uidMappings.length > 0 ? uidMappings : made('/etc/subuid', euid, uid),
      gidMappings: gidMappings.length > 0 ? gidMappings : made('/etc/subgid', egid, gid),
    },
  };
}

/** A spec with a user namespace, without which a user has no right to anything that makes a container. */
export function withUserNamespace(spec: Spec): Spec {
  const { linux } = spec;
  return withDefaultMappings({ ...spec, linux: { ...linux, namespaces: [...(linux?.namespaces ?? []), { type: 'user' }] } });
}

/** Whether somebody without privileges could not even begin with it. */
export const lacksUserNamespace = ({ linux }: Spec): boolean => linux?.namespaces?.some(({ type }) => type === 'user') !== true;
