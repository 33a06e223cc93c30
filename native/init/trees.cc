#include <asm/statfs.h>
#include <linux/mount.h>

#include "dispatch.gen.h"
#include "messages.h"
#include "mounts.h"
#include "path.h"
#include "procfs.h"

// Detached mounts: cloned from the runtime's mount namespace, changed while nobody sees them, attached in the rootfs.

namespace runts {

namespace {

/** A mount over the root itself: from here on paths have to resolve in what was mounted. */
Result enter_new_root(Context& context, int tree) {
  long fd = sys::fcntl(tree, F_DUPFD_CLOEXEC, 0);
  TRY_SYS(fd, "fcntl", "/");
  context.set_slot(slots::rootfs, static_cast<int>(fd));
  return ok();
}

Result make_destination(Context& context, const ops::TreeAttach& op, bool directory, Fd& to, bool& created) {
  MakeOptions options;
  options.no_symlinks = op.noSymlinks;
  options.creation = directory ? Creation::Directory : Creation::File;
  if (!directory) options.mode = 0644;
  return make_in_root(context, op.destination, options, to, &created);
}

Result check_destination(const ops::TreeAttach& op, const struct statx& source, int fd, const struct statx& place) {
  // A mount over a file of procfs deceives everybody who trusts procfs (CVE-2019-16884).
  bool on_proc = false;
  if (!op.onProc) TRY(is_procfs(fd, op.destination, on_proc));
  if (on_proc) {
    return fail(EPERM, "move_mount", begin_detail(op.destination).add(": lies on procfs").view());
  }
  if (is_directory(source) == is_directory(place)) return ok();
  auto& detail = begin_detail(op.destination).add(": is ").add(type_name(place.stx_mode));
  detail.add(", what is mounted there is ").add(type_name(source.stx_mode));
  return fail(ENOTDIR, "move_mount", detail.view());
}

/** Switches the filesystem of a detached mount, not the mount, between read-only and writable. */
Result set_writable(int tree, Str path, bool writable) {
  long fd = sys::fspick(tree, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
  TRY_SYS(fd, "fspick", path);
  Fd filesystem(fd);
  TRY(configure(filesystem.get(), path, str(writable ? "rw" : "ro")));
  TRY_SYS(sys::fsconfig(filesystem.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0), "fsconfig", path);
  return ok();
}

/** Gives the root of a detached mount a mode, also when the mount or its filesystem is read-only already. */
Result set_root_mode(int tree, Str path, u32 mode) {
  long changed = sys::fchmodat(tree, ".", mode);
  if (changed == -EROFS) {
    // Before Linux 5.12 a mount becomes read-only when it is attached, so here only its filesystem can be.
    const Result cleared = set_attributes(tree, path, 0, MOUNT_ATTR_RDONLY);
    if (cleared.error != ENOSYS) TRY(cleared);
    changed = sys::fchmodat(tree, ".", mode);
    if (changed == -EROFS) {
      TRY(set_writable(tree, path, true));
      changed = sys::fchmodat(tree, ".", mode);
      TRY(set_writable(tree, path, false));
    }
    if (cleared.ok()) TRY(set_attributes(tree, path, MOUNT_ATTR_RDONLY, 0));
  }
  TRY_SYS(changed, "fchmodat", path);
  return ok();
}

}  // namespace

Str filesystem_of(int tree) {
  struct statfs status;
  auto& detail = begin_detail(str("filesystem 0x"));
  return detail.number(sys::fstatfs(tree, &status) == 0 ? static_cast<u64>(status.f_type) & 0xffffffffu : 0, 16).view();
}

Result attach(int tree, int destination, Str path) {
  TRY_SYS(sys::move_mount(tree, "", destination, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), "move_mount",
          path);
  return ok();
}

Result clone_tree(int fd, Str path, u32 flags, Fd& to) {
  long tree = sys::open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
  TRY_SYS(tree, "open_tree", path);
  to.reset(tree);
  return ok();
}

Result run(Context& context, const ops::TreeClone& op) {
  u32 flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  if (op.recursive) flags |= AT_RECURSIVE;
  if (op.noFollow) flags |= AT_SYMLINK_NOFOLLOW;
  long tree = sys::open_tree(AT_FDCWD, op.source.c_str(), flags);
  TRY_SYS(tree, "open_tree", op.source);
  context.set_slot(op.slot, static_cast<int>(tree));
  return ok();
}

Result run(Context& context, const ops::TreeCloneInside& op) {
  Fd place;
  TRY(open_in_root(context, op.path, O_PATH, 0, place));
  Fd tree;
  TRY(clone_tree(place.get(), op.path, op.recursive ? AT_RECURSIVE : 0, tree));
  context.set_slot(op.slot, tree.release());
  return ok();
}

Result run(Context& context, const ops::TreeMapOutside& op) {
  const int tree = context.slots[op.slot];
  TRY(send_event(context, events::descriptor, 0, descriptor_kinds::tree, filesystem_of(tree), tree));
  return receive_answer(context);
}

Result run(Context& context, const ops::TreeAttach& op) {
  int tree = context.slots[op.slot];
  struct statx source;
  TRY(status_of(tree, op.destination, source));
  Fd destination;
  bool created = false;
  TRY(make_destination(context, op, is_directory(source), destination, created));
  struct statx place;
  TRY(status_of(destination.get(), op.destination, place));
  TRY(check_destination(op, source, destination.get(), place));
  if (op.inheritMode && !created) TRY(set_root_mode(tree, op.destination, place.stx_mode & 07777u));
  Fd holder;
  int root;
  TRY(root_directory(context, holder, root));
  struct statx root_place;
  TRY(status_of(root, str("/"), root_place));
  TRY(attach(tree, destination.get(), op.destination));
  if (same_place(place, root_place)) TRY(enter_new_root(context, tree));
  if (!op.keep) context.set_slot(op.slot, -1);
  return ok();
}

Result run(Context& context, const ops::TreeCover& op) {
  return attach(context.slots[op.slot], context.slots[slots::rootfs], str("rootfs"));
}

Result run(Context& context, const ops::TreeCloneFile& op) {
  long tree = sys::open_tree(context.slots[op.filesystem], op.name.c_str(),
                             OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  TRY_SYS(tree, "open_tree", op.name);
  context.set_slot(op.slot, static_cast<int>(tree));
  return ok();
}

Result run(Context& context, const ops::TreeUncover& op) {
  // The working directory is the way to name it: there need be no procfs.
  Fd before(sys::openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  TRY_SYS(before ? 0 : -ENOENT, "openat", "working directory");
  TRY_SYS(sys::fchdir(context.slots[op.slot]), "fchdir", "rootfs");
  TRY_SYS(sys::umount2(".", MNT_DETACH), "umount2", "rootfs");
  TRY_SYS(sys::fchdir(before.get()), "fchdir", "working directory");
  context.set_slot(op.slot, -1);
  return ok();
}

}  // namespace runts
