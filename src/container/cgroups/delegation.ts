import { inInitialUserNamespace } from '../../host/user-namespace.ts';
import { addon } from '../../native/addon.ts';
import type { SystemError } from '../../native/system-error.ts';

const READ_ONLY =
  'cgroups are read-only here, as in a container that is not privileged: --cgroup-manager disabled leaves the container in the cgroup of its caller; --privileged of the outer container makes them writable';

/** How somebody without privileges comes by a cgroup whose limits he may set; undefined when something else is the matter. */
export function notDelegatedHint({ code }: SystemError): string | undefined {
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return undefined;
  if (addon.geteuid() === 0 && inInitialUserNamespace()) return code === 'EROFS' ? READ_ONLY : undefined;
  if (!addon.stat('/sys/fs/cgroup/cgroup.controllers', true)) {
    return 'cgroup v1 gives no rights to users: leave linux.resources and linux.cgroupsPath out, or boot the host with cgroup v2';
  }
  return 'this cgroup does not belong to the user: with --systemd-cgroup his systemd makes one, `systemd-run --user --scope --property=Delegate=yes` starts a command in one of its own; or leave linux.resources and linux.cgroupsPath out';
}
