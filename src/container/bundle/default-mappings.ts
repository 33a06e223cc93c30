import { addon } from '../../native/addon.ts';
import type { LinuxIDMapping, Spec } from '../../spec/types.ts';
import { userNames } from './user-names.ts';

/** The first range of ids that a file such as /etc/subuid gives to a user (subuid(5)). */
function subordinateRange(file: string, user: string | undefined): { readonly from: number; readonly size: number } | undefined {
  if (user === undefined) return undefined;
  const line = (addon.readFileIfThere(file) ?? '').split('\n').find((entry) => entry.startsWith(`${user}:`));
  const [, from, size] = /^[^:]*:(\d{1,10}):(\d{1,10})$/.exec(line ?? '') ?? [];
  return from === undefined ? undefined : { from: Number(from), size: Number(size) };
}

/** The runtime's own id for that of the container's process, the subordinate ids for the others in their order. */
function mappings(file: string, user: string | undefined, own: number, inside: number): LinuxIDMapping[] {
  const range = subordinateRange(file, user);
  if (range === undefined) return [{ containerID: 0, hostID: own, size: own + 1 }];
  const below = Math.min(inside, range.size);
  return [
    { containerID: 0, hostID: range.from, size: below },
    { containerID: inside, hostID: own, size: 1 },
    { containerID: inside + 1, hostID: range.from + below, size: range.size - below },
  ].filter(({ size }) => size > 0);
}

/** A spec whose new user namespace has id mappings, those that crun makes up where it gives none. */
export function withDefaultMappings(spec: Spec): Spec {
  const { linux, process } = spec;
  if (linux?.namespaces?.some(({ type, path }) => type === 'user' && !path) !== true) return spec;
  const { uidMappings = [], gidMappings = [] } = linux;
  if (uidMappings.length > 0 && gidMappings.length > 0) return spec;
  const user = userNames(addon.readFileIfThere('/etc/passwd') ?? '').get(addon.geteuid());
  const { uid = 0, gid = 0 } = process?.user ?? {};
  return {
    ...spec,
    linux: {
      ...linux,
      uidMappings: uidMappings.length > 0 ? uidMappings : mappings('/etc/subuid', user, addon.geteuid(), uid),
      gidMappings: gidMappings.length > 0 ? gidMappings : mappings('/etc/subgid', user, addon.getegid(), gid),
    },
  };
}
