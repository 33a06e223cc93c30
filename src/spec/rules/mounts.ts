import { each, type Report } from '../findings.ts';
import { missingText } from '../missing.ts';
import { mountName } from '../mount-name.ts';
import { needsLegacyMount } from '../mounts/legacy.ts';
import { parseMountOptions } from '../mounts/options.ts';
import { isInsideProc } from '../mounts/proc.ts';
import { normalize } from '../path.ts';
import type { Mount, Spec } from '../types.gen.ts';
import { checkMappings, checkOverlaps } from './mappings.ts';
import { namespaceTypes } from './namespaces.ts';

function checkMapping(mount: Mount, kind: Kind, userNamespace: boolean, place: string, report: Report): void {
  const hasUids = (mount.uidMappings?.length ?? 0) > 0;
  const hasGids = (mount.gidMappings?.length ?? 0) > 0;
  if (hasUids !== hasGids) {
    const [given, missing] = hasUids ? ['uidMappings', 'gidMappings'] : ['gidMappings', 'uidMappings'];
    report.error(`${place}/${given}`, 'NEEDS_PROPERTY', `mount "${mount.destination}" has ${given} without ${missing}`);
  }
  checkMappings(mount.uidMappings, `${place}/uidMappings`, report);
  checkMappings(mount.gidMappings, `${place}/gidMappings`, report);
  checkOverlaps(mount.uidMappings, `${place}/uidMappings`, report);
  checkOverlaps(mount.gidMappings, `${place}/gidMappings`, report);
  const option = mount.options?.find((name) => name === 'idmap' || name === 'ridmap');
  if (option !== undefined && !hasUids && !hasGids && !userNamespace) {
    const message = `mount "${mount.destination}" has option ${option} but neither mappings of its own nor a user namespace`;
    report.error(`${place}/options`, 'NEEDS_PROPERTY', message, 'add uidMappings and gidMappings to the mount');
  } else if (option !== undefined || hasUids || hasGids) checkMappedKind(mount, kind, place, report);
}

/** How a mount is made, as far as it decides what it needs. */
type Kind = 'remount' | 'bind' | 'filesystem';

function kindOf({ options }: Mount): Kind {
  if (options === undefined || options.length === 0) return 'filesystem';
  if (options.includes('remount')) return 'remount';
  return options.includes('bind') || options.includes('rbind') ? 'bind' : 'filesystem';
}

function checkKind(mount: Mount, kind: Kind, place: string, report: Report): void {
  const name = (): string => mountName(mount, kind === 'bind', normalize(`/${mount.destination}`));
  if (kind === 'bind' && !mount.source) {
    report.error(`${place}/source`, 'MOUNT_SOURCE_MISSING', missingText('source', `the bind mount ${name()}`));
  } else if (kind === 'filesystem' && !mount.type) {
    const hint = mount.source
      ? `to mount ${JSON.stringify(mount.source)} itself, put "bind" or "rbind" among the options`
      : 'name a type, or a source and the option "bind" or "rbind"';
    report.error(`${place}/type`, 'MOUNT_TYPE_MISSING', missingText('type', `the mount ${name()}`), hint);
  }
}

function checkProc(mount: Mount, kind: Kind, place: string, report: Report): void {
  if (!isInsideProc(mount, kind === 'bind')) return;
  const message = `${JSON.stringify(normalize(`/${mount.destination}`))} cannot be mounted because it is inside /proc`;
  report.error(`${place}/destination`, 'MOUNT_INSIDE_PROC', message);
}

/** Why the ids of a mount cannot be mapped, whatever the kernel: it is never detached, as mount_setattr(2) needs it. */
function mappingRefusal(mount: Mount, kind: Kind): string | undefined {
  if (kind === 'remount') return 'a remount changes no id mapping';
  if (kind === 'bind') return undefined;
  if (mount.type === 'cgroup' || mount.type === 'cgroup2') return 'a cgroup filesystem has none of its own';
  const legacy = needsLegacyMount(mount.type ?? '', parseMountOptions(mount.options ?? []));
  return legacy ? 'the filesystem or its options need mount(2)' : undefined;
}

function checkMappedKind(mount: Mount, kind: Kind, place: string, report: Report): void {
  const why = mappingRefusal(mount, kind);
  if (why === undefined) return;
  const name = mountName(
    mount,
    kind === 'bind' || (mount.options ?? []).some((option) => /^r?bind$/.test(option)),
    normalize(`/${mount.destination}`),
  );
  report.error(place, 'IDMAP_NOT_SUPPORTED', `mount ${name}: its ids cannot be mapped: ${why}`);
}

/** What would stay on the host, or cannot be done to it, when its mounts are the container's. */
function checkNamespace({ root, mounts, linux }: Spec, report: Report): void {
  const types = namespaceTypes(linux);
  if (types.has('mount')) return;
  const refuse = (place: string, what: string): void => {
    const hint = 'add {"type": "mount"} to /linux/namespaces';
    report.error(place, 'MOUNT_NAMESPACE_MISSING', `unable to ${what} without a private MNT namespace`, hint);
  };
  if (types.has('user') && (mounts?.length ?? 0) > 0) refuse('/mounts', 'mount from a USER namespace');
  if (root?.readonly === true) refuse('/root/readonly', 'make the root filesystem read-only');
}

/** Mounts: destinations, what each needs, mappings in pairs (CFG-009 to CFG-023, MNT-060). */
export function checkMounts(spec: Spec, report: Report): void {
  const userNamespace = namespaceTypes(spec.linux).has('user');
  for (const [mount, place] of each(spec.mounts, '/mounts')) {
    if (mount.destination === '') report.error(`${place}/destination`, 'EMPTY', 'mount destination must not be empty');
    else if (!mount.destination.startsWith('/')) {
      const message = `mount destination not absolute: ${JSON.stringify(mount.destination)} is taken from "/"`;
      report.warn(`${place}/destination`, 'DEPRECATED', message);
    }
    const kind = kindOf(mount);
    checkKind(mount, kind, place, report);
    checkProc(mount, kind, place, report);
    checkMapping(mount, kind, userNamespace, place, report);
  }
  checkNamespace(spec, report);
}
