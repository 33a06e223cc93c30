import { RuntimeError } from '../../errors.ts';
import { lookup } from '../../lookup.ts';
import { parseMountOptions } from '../../spec/mounts/options.ts';
import type { LinuxIDMapping, Mount } from '../../spec/types.ts';
import { hasOwn, isNew, isUnprivileged, type PlanContext } from '../context.ts';
import { hostId } from '../namespaces/idmap.ts';

/**
 * What an entry of `mounts` becomes where nobody but the container's user namespace gives the runtime any right.
 * @throws RuntimeError with the pointer of what cannot be had there
 */
export function withoutPrivileges(context: PlanContext, mount: Mount, index: number): Mount {
  if (!isUnprivileged(context.facts) || !hasOwn(context.linux, 'user')) return mount;
  const pointer = `/mounts/${index}`;
  const { idmap, bind, remount } = parseMountOptions(mount.options ?? []);
  if (idmap !== 'none' || (mount.uidMappings ?? []).length > 0 || (mount.gidMappings ?? []).length > 0) {
    const message = 'id-mapped mounts are not supported for rootless containers: only who owns a filesystem may map its ids';
    throw new RuntimeError('IDMAP_NOT_SUPPORTED', message, { pointer });
  }
  if (bind || remount) return mount;
  requireMappedOptions(context, mount, pointer);
  return mount.type === 'sysfs' && !hasOwn(context.linux, 'network') ? sysOfHost(mount) : mount;
}

/** sysfs shows the network namespace, and only who owns that may mount it. What lies below is the host's: nothing in it may be changed. */
function sysOfHost(mount: Mount): Mount {
  return { ...mount, type: 'none', source: '/sys', options: [...(mount.options ?? []), 'rbind', 'rro'] };
}

/** The kernel would only say that an argument is invalid. */
function requireMappedOptions({ linux }: PlanContext, { options }: Mount, pointer: string): void {
  if (!isNew(linux, 'user')) return;
  const mappings: Readonly<Record<string, readonly LinuxIDMapping[] | undefined>> = { uid: linux.uidMappings, gid: linux.gidMappings };
  for (const option of options ?? []) {
    const [, kind = '', id] = /^(uid|gid)=(\d+)$/.exec(option) ?? [];
    if (id === undefined || hostId(lookup(mappings, kind), Number(id)) !== undefined) continue;
    const message = `cannot specify ${option} mount option for rootless container: no mapping found for ${kind} ${id}`;
    throw new RuntimeError('MOUNT_FAILED', message, {
      pointer: `${pointer}/options`,
      hint: `leave the option out, or map the id in linux.${kind}Mappings`,
    });
  }
}
