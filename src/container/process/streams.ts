import { addon } from '../../native/addon.ts';
import { hostId, readMap } from '../../plan/namespaces/idmap.ts';
import type { Linux, Process } from '../../spec/types.ts';

/**
 * Host uid of the user who gets the standard streams, so that the process can open them again (ENG-026). The runtime gives them, by its own
 * ids: inside a user namespace nobody may.
 * @param inhabitant pid of a process in the container's user namespace, where there is one already
 * @returns undefined when the process gets a terminal of its own, or when its user has no id here, or none that is known
 */
export function ownerOfStreams(process: Process | undefined, linux: Linux | undefined, inhabitant?: number): number | undefined {
  if (process?.terminal) return undefined;
  const uid = process?.user?.uid ?? 0;
  const namespace = linux?.namespaces?.find(({ type }) => type === 'user');
  if (namespace === undefined) return uid;
  if (!namespace.path) return hostId(linux?.uidMappings, uid);
  // Of a user namespace that somebody else has made: by the ids of the runtime (user_namespaces(7)).
  return inhabitant === undefined ? undefined : hostId(readMap(addon.readFile(`/proc/${inhabitant}/uid_map`)), uid);
}
