import { each, type Report } from '../findings.ts';
import type { Mount, Spec } from '../types.gen.ts';
import { checkMappings } from './mappings.ts';
import { namespaceTypes } from './namespaces.ts';

function checkMapping(mount: Mount, userNamespace: boolean, place: string, report: Report): void {
  const hasUids = (mount.uidMappings?.length ?? 0) > 0;
  const hasGids = (mount.gidMappings?.length ?? 0) > 0;
  if (hasUids !== hasGids) {
    const [given, missing] = hasUids ? ['uidMappings', 'gidMappings'] : ['gidMappings', 'uidMappings'];
    report.error(`${place}/${given}`, 'NEEDS_PROPERTY', `mount "${mount.destination}" has ${given} without ${missing}`);
  }
  checkMappings(mount.uidMappings, `${place}/uidMappings`, report);
  checkMappings(mount.gidMappings, `${place}/gidMappings`, report);
  const option = mount.options?.find((name) => name === 'idmap' || name === 'ridmap');
  if (option !== undefined && !hasUids && !hasGids && !userNamespace) {
    const message = `mount "${mount.destination}" has option ${option} but neither mappings of its own nor a user namespace`;
    report.error(`${place}/options`, 'NEEDS_PROPERTY', message, 'add uidMappings and gidMappings to the mount');
  }
}

/** Mounts: destinations, mappings in pairs (CFG-019 to CFG-023, MNT-060). */
export function checkMounts(spec: Spec, report: Report): void {
  const userNamespace = namespaceTypes(spec.linux).has('user');
  for (const [mount, place] of each(spec.mounts, '/mounts')) {
    if (mount.destination === '') report.error(`${place}/destination`, 'EMPTY', 'mount destination must not be empty');
    else if (!mount.destination.startsWith('/')) {
      const message = `mount destination not absolute: ${JSON.stringify(mount.destination)} is taken from "/"`;
      report.warn(`${place}/destination`, 'DEPRECATED', message);
    }
    checkMapping(mount, userNamespace, place, report);
  }
}
