#include <linux/mount.h>
#include <linux/sched.h>

#include "dispatch.gen.h"
#include "mountinfo.h"
#include "mounts.h"
#include "path.h"

// How the container gets its root:
//   rootfs.attach   clone of the rootfs on top of the rootfs path, because pivot_root wants a mount
//   (mounts, devices, all resolved in the slot)
//   root.pivot      new root in place, old one detached; or root.move, or root.chroot
//
// A runtime in a chroot has another root than its mount namespace, and init has the same in its copy. Whoever joins the
// namespace starts at the latter, and so does whoever climbs out of the former (chroot(2)): the container's root has to
// become the root of the namespace.

namespace runts {

namespace {

/** Opens a directory of the runtime's mount namespace. */
Result open_directory(Str path, Fd& to) {
  long fd = sys::openat(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  TRY_SYS(fd, "openat", path);
  to.reset(fd);
  return ok();
}

/** Makes the root of the mount namespace our root, which differs from it in a chroot: setns(2) does as a side effect.
 */
Result leave_chroot(Context& context) {
  long opened = sys::openat(context.slots[slots::procfs], "self/ns/mnt", O_RDONLY | O_CLOEXEC);
  TRY_SYS(opened, "openat", "self/ns/mnt");
  Fd own(opened);
  TRY_SYS(sys::setns(own.get(), CLONE_NEWNS), "setns", "own mount namespace");
  return ok();
}

/** Lets paths resolve below what `slot` holds. */
Result use_as_rootfs(Context& context, u32 slot) {
  if (slot == slots::rootfs) return ok();
  long fd = sys::fcntl(context.slots[slot], F_DUPFD_CLOEXEC, 0);
  TRY_SYS(fd, "fcntl", "rootfs");
  context.set_slot(slots::rootfs, static_cast<int>(fd));
  return ok();
}

/** Takes a proc or sysfs mount of the host out of the container's mount namespace, or covers it if it is locked. */
Result remove_mount(Str path) {
  // Without this the unmount would travel to the namespaces that share the mount.
  long slave = sys::mount(nullptr, path.c_str(), nullptr, MS_SLAVE | MS_REC, nullptr);
  // It went with a mount above it that is gone already.
  if (slave == -ENOENT) return ok();
  TRY_SYS(slave, "mount", path);
  long error = sys::umount2(path.c_str(), MNT_DETACH);
  if (error == -EINVAL || error == -EPERM) {
    error = sys::mount("tmpfs", path.c_str(), "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k");
  }
  TRY_SYS(error, "umount2", path);
  return ok();
}

/**
 * After chroot the host's mounts are out of sight but still in the namespace, and the kernel takes a fully visible proc
 * or sysfs among them as leave to mount unmasked ones in a user namespace of the container.
 */
Result remove_host_kernel_filesystems(int rootfs) {
  Text<PATH_SIZE> inside;
  TRY(path_of(rootfs, inside));
  inside.add('/');
  if (inside.truncated()) return fail(ENAMETOOLONG, "readlinkat", "rootfs");

  return for_each_mount([&](const MountinfoLine& line) {
    const bool kernel = line.type == str("proc") || line.type == str("sysfs");
    return kernel && !starts_with(line.path.view(), inside.view()) ? remove_mount(line.path.view()) : ok();
  });
}

}  // namespace

Result run(Context& context, const ops::RootfsAttach& op) {
  // By descriptor: move_mount on the path itself would refuse a rootfs path that ends in a symlink.
  Fd place;
  TRY(open_directory(op.path, place));
  TRY(attach(context.slots[op.slot], place.get(), op.path));
  return use_as_rootfs(context, op.slot);
}

Result run(Context& context, const ops::RootfsOpen& op) {
  Fd directory;
  TRY(open_directory(op.path, directory));
  context.set_slot(op.slot, directory.release());
  return use_as_rootfs(context, op.slot);
}

Result run(Context& context, const ops::DirectoryEnter& op) {
  TRY_SYS(sys::fchdir(context.slots[op.slot]), "fchdir");
  return ok();
}

Result run(Context& context, const ops::RootPropagation& op) {
  u64 flags = op.propagation | (op.recursive ? MS_REC : 0);
  long changed = sys::mount(nullptr, "/", nullptr, flags, nullptr);
  if (changed == -EINVAL) {
    // In a chroot to what is no mount. Sources of mounts and programs of hooks are still to be found from there.
    Fd before;
    TRY(open_directory(str("/"), before));
    TRY(leave_chroot(context));
    changed = sys::mount(nullptr, "/", nullptr, flags, nullptr);
    TRY_SYS(sys::fchdir(before.get()), "fchdir", "/");
    TRY_SYS(sys::chroot("."), "chroot", "/");
  }
  TRY_SYS(changed, "mount", "/: the root of the mount namespace is no mount");
  return ok();
}

Result run(Context& context, const ops::RootPivot&) {
  TRY(leave_chroot(context));
  Fd before;
  TRY(open_directory(str("/"), before));
  TRY_SYS(sys::fchdir(context.slots[slots::rootfs]), "fchdir", "rootfs");
  // Both arguments "." (pivot_root(2)): the old root ends up on top of the new one, and no directory is needed for it.
  long pivoted = sys::pivot_root(".", ".");
  if (pivoted == -EINVAL) {
    return fail(pivoted, "pivot_root", "rootfs: not a mount, a shared mount, or the root of the host is an initramfs");
  }
  TRY_SYS(pivoted, "pivot_root", "rootfs");
  TRY_SYS(sys::fchdir(before.get()), "fchdir", "old root");
  // Not private: an unmount that the host does meanwhile must still reach these mounts, or it would stay busy.
  TRY_SYS(sys::mount(nullptr, ".", nullptr, MS_SLAVE | MS_REC, nullptr), "mount", "old root");
  TRY_SYS(sys::umount2(".", MNT_DETACH), "umount2", "old root");
  TRY_SYS(sys::chdir("/"), "chdir", "/");
  return ok();
}

Result run(Context& context, const ops::RootMove&) {
  int rootfs = context.slots[slots::rootfs];
  TRY(leave_chroot(context));
  TRY(remove_host_kernel_filesystems(rootfs));
  TRY_SYS(sys::fchdir(rootfs), "fchdir", "rootfs");
  TRY_SYS(sys::move_mount(rootfs, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "move_mount", "rootfs onto /");
  TRY_SYS(sys::chroot("."), "chroot", "rootfs");
  TRY_SYS(sys::chdir("/"), "chdir", "/");
  return ok();
}

Result run(Context& context, const ops::RootChroot& op) {
  TRY_SYS(sys::fchdir(context.slots[op.slot]), "fchdir", "new root");
  TRY_SYS(sys::chroot("."), "chroot", "new root");
  TRY_SYS(sys::chdir("/"), "chdir", "/");
  return ok();
}

Result run(Context& context, const ops::RootSetattr& op) {
  Fd holder;
  int root;
  TRY(root_directory(context, holder, root));
  const struct mount_attr change = {op.set, op.clear, op.propagation, 0};
  return set_attributes_attached(context, root, str("/"), change, op.recursive);
}

}  // namespace runts
