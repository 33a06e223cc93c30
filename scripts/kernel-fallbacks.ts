// What an older kernel does another way is chosen in the plan, where `plan` shows it. Where C++ goes by what a call answers instead, it stands here with the reason.

const filter = 'a seccomp filter around runts hides the call on any kernel, so the release does not tell';
const mountSetattr = `${filter}; the plan has the mount attached by then, so that mount(2) does the same`;
const said = 'no other way: the failure is told in other words';

/** `FILE LINE` of a comparison with ENOSYS or EINVAL → why it is not the plan that chooses. */
export const fallbackReasons: Readonly<Record<string, string>> = {
  'native/addon/child.cc const bool filtered = cgroup >= 0 && pid < 0 && entered != nullptr && (errno == ENOSYS || errno == EPERM);':
    filter,
  'native/addon/host.cc if (present < 0 && errno == EINVAL && capability > 0) break;': 'the question is which capabilities there are',
  'native/addon/memfd.cc if (fd < 0 && errno == EINVAL) fd = syscall(SYS_memfd_create, name, flags);':
    'the memory for the plan itself; before Linux 6.3 any such file can be executed, and with vm.memfd_noexec later too or not',
  'native/addon/process.cc if (pidfd < 0 && pid > 0 && (errno == EINVAL || errno == ENOENT)) errno = ESRCH;': said,
  'native/addon/spawn.cc const bool closed = errno == EINVAL && (image == first || syscall(__NR_close_range, first, image - 1, 0) == 0) &&':
    'what starts init, before there is anything that reads a plan; the descriptors that are closed are the same',
  'native/addon/streams.cc if (fchown(fd, uid, KEEP_GROUP) == 0 || errno == EPERM || errno == EROFS || errno == EINVAL) return;':
    'an id that is not mapped',
  'native/init/attributes.cc if (changed == -ENOSYS) changed = remount(context, fd, change, recursive);': mountSetattr,
  'native/init/credentials.cc if (joined == -ENOSYS) return ok();': 'a kernel built without keyrings, of any release',
  'native/init/devices.cc if (changed != -ENOSYS && changed != -EPERM) return changed;': filter,
  'native/init/exec.cc if (allowed == -ENOSYS || allowed == -EPERM) allowed = sys::faccessat(AT_FDCWD, path, X_OK);': filter,
  'native/init/exec.cc if (marked == -EINVAL) marked = seal_one_by_one(context, op.keep, op.first);':
    'before Linux 5.11; what is closed and what is kept are the same',
  'native/init/hooks.cc if (closed != -ENOSYS && closed != -EPERM) give_up(failure, "close_range", closed);': filter,
  'native/init/hooks.cc if (pid != -ENOSYS && pid != -EPERM) return pid;': filter,
  'native/init/masks.cc if (changed.error != ENOSYS) TRY(changed);': mountSetattr,
  'native/init/masks.cc if (changed.error != ENOSYS) return ok();': mountSetattr,
  'native/init/mounts.cc if (fd == -EINVAL) return fail(fd, "fspick", begin_detail(op.destination).add(": is not a mount").view());': said,
  'native/init/procfs.cc const bool forbidden = made.error == EPERM || made.error == EACCES || made.error == ENOSYS;': filter,
  'native/init/rootfs.cc if (changed == -EINVAL) {': 'a runtime in a chroot: no matter of the release',
  'native/init/rootfs.cc if (error == -EINVAL || error == -EPERM) {': 'a mount that is locked: no matter of the release',
  'native/init/rootfs.cc if (pivoted == -EINVAL) {': said,
  'native/init/staging.cc return changed.error == ENOSYS ? ok() : changed;':
    'what this prepares for CRIU asks the kernel for a call that is newer',
  'native/init/trees.cc if (cleared.error != ENOSYS) TRY(cleared);':
    'nothing is done another way: where the call is missing, no mount is read-only before it is attached',
};

/** `FILE LINE` of every comparison of a C++ source with what older kernels and filters answer for what they do not know. */
export function fallbacks(path: string, text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => !line.startsWith('//') && /[!=]= ?-?(ENOSYS|EINVAL)\b/.test(line)).map((line) => `${path} ${line}`);
}

/** Comparisons without a reason, and reasons that are about nothing any more. */
export function fallbackFindings(found: readonly string[], reasons: Readonly<Record<string, string>> = fallbackReasons): string[] {
  return [
    ...found
      .filter((place) => reasons[place] === undefined)
      .map((place) => `${place} is chosen by the plan, or has a reason in kernel-fallbacks.ts`),
    ...Object.keys(reasons)
      .filter((place) => !found.includes(place))
      .map((place) => `kernel-fallbacks.ts speaks of what is not there: ${place}`),
  ];
}
