import { each, type Report } from '../findings.ts';
import type { LinuxIDMapping, Spec } from '../types.gen.ts';

const isMapped = (id: number, mappings: readonly LinuxIDMapping[]): boolean =>
  [...each(mappings, '')].some(([{ containerID, size }]) => id >= containerID && id < containerID + size);

/** The process's ids exist in the user namespace that the configuration makes (CFG-065, CFG-066, CFG-068); of a joined one nothing is known. */
export function checkUserIds({ process, linux }: Spec, report: Report): void {
  const namespaces = [...each(linux?.namespaces, '')].map(([namespace]) => namespace);
  const makesNamespace = namespaces.some(({ type, path }) => type === 'user' && !path);
  const { uid = 0, gid = 0, additionalGids } = process?.user ?? {};
  const [uids, gids] = [linux?.uidMappings ?? [], linux?.gidMappings ?? []];
  if (process === undefined || !makesNamespace || uids.length === 0 || gids.length === 0) return;
  const refuse = (place: string, what: string, id: number): void =>
    report.error(
      place,
      'NOT_MAPPED',
      `${what} ${id} is not mapped into the user namespace`,
      'add it to the id mappings, or choose another id',
    );
  if (!isMapped(uid, uids)) refuse('/process/user/uid', 'user', uid);
  if (!isMapped(gid, gids)) refuse('/process/user/gid', 'group', gid);
  for (const [id, place] of each(additionalGids, '/process/user/additionalGids')) if (!isMapped(id, gids)) refuse(place, 'group', id);
}
