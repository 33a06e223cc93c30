#include <linux/mount.h>

#include "dispatch.gen.h"
#include "mounts.h"
#include "path.h"

// Masked and read-only paths. They run after the root was changed, on trees that the image's mounts and other
// containers may have a hand in: a path is opened once, and everything happens to that descriptor. What lies on a mount
// of the container is looked for there: whoever writes to the rootfs may put another directory in the place of /proc.

namespace runts {

namespace {

/** What a path leads to; `found` is false for a missing one, which needs no protection. */
template <typename Op>
Result find_path(Context& context, const Op& op, Fd& to, bool& found) {
  Result opened = fail(ELOOP, "openat2");
  if (op.slot != slots::none) opened = open_below(context.slots[op.slot], op.below, to);
  if (opened.error == ELOOP || opened.error == EXDEV) opened = open_in_root(context, op.path, O_PATH, 0, to);
  found = opened.ok();
  if (op.required) return opened;
  // ENOTDIR: a parent is a file, so nothing is there either. A loop of symlinks is an error: it might be undone later.
  return opened.error == ENOENT || opened.error == ENOTDIR ? ok() : opened;
}

/**
 * The container's null device, opened once and verified. An image may ship /dev/null as a symlink, and a process that
 * shares the volume may swap it: binding what the name leads to would put a file of the attacker's choice over the path
 * and make it writable (CVE-2025-31133).
 */
Result null_device(Context& context, int& to) {
  to = context.slots[slots::nullDevice];
  if (to >= 0) return ok();
  Fd fd;
  TRY(open_in_root(context, str("/dev/null"), O_PATH, RESOLVE_NO_SYMLINKS, fd));
  struct statx status;
  TRY(status_of(fd.get(), str("/dev/null"), status));
  if (!S_ISCHR(status.stx_mode) || status.stx_rdev_major != 1 || status.stx_rdev_minor != 3) {
    auto& detail = begin_detail(str("/dev/null: is not the null device but ")).add(type_name(status.stx_mode));
    return fail(EINVAL, "statx", detail.view());
  }
  to = fd.release();
  context.set_slot(slots::nullDevice, to);
  return ok();
}

Result mask_file(Context& context, int target, Str path) {
  int null = -1;
  TRY(null_device(context, null));
  Fd tree;
  TRY(clone_tree(null, path, 0, tree));
  return attach(tree.get(), target, path);
}

/** An empty tmpfs that nothing can be put into. */
Result make_empty_directory(Fd& to) {
  Str type = str("tmpfs");
  long fd = sys::fsopen(type.c_str(), FSOPEN_CLOEXEC);
  TRY_SYS(fd, "fsopen", type);
  Fd filesystem(fd);
  constexpr const char* OPTIONS[] = {"source=tmpfs", "nr_blocks=1", "nr_inodes=1", "mode=0755", "ro"};
  for (const char* option : OPTIONS) {
    TRY(configure(filesystem.get(), type, str(option)));
  }
  return create_mount(filesystem.get(), type,
                      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, to);
}

/** One tmpfs serves all masked directories: a superblock each would cost memory and time (performance). */
Result mask_directory(Context& context, int target, Str path) {
  int first = context.slots[slots::maskedDirectory];
  Fd tree;
  if (first >= 0) {
    TRY(clone_tree(first, path, 0, tree));
    return attach(tree.get(), target, path);
  }
  TRY(make_empty_directory(tree));
  TRY(attach(tree.get(), target, path));
  context.set_slot(slots::maskedDirectory, tree.release());
  return ok();
}

}  // namespace

Result run(Context& context, const ops::PathMask& op) {
  Fd target;
  bool found = false;
  TRY(find_path(context, op, target, found));
  if (!found) return ok();
  struct statx status;
  TRY(status_of(target.get(), op.path, status));
  return is_directory(status) ? mask_directory(context, target.get(), op.path)
                              : mask_file(context, target.get(), op.path);
}

Result run(Context& context, const ops::PathReadonly& op) {
  Fd target;
  bool found = false;
  TRY(find_path(context, op, target, found));
  if (!found) return ok();
  // Recursive, so that what is mounted below stays visible; read-only is the top alone.
  Fd tree;
  TRY(clone_tree(target.get(), op.path, AT_RECURSIVE, tree));
  const Result changed = set_attributes(tree.get(), op.path, MOUNT_ATTR_RDONLY, 0);
  if (changed.error != ENOSYS) TRY(changed);
  TRY(attach(tree.get(), target.get(), op.path));
  if (changed.error == ENOSYS) {
    // Before Linux 5.12.
    TRY(set_attributes_attached(context, tree.get(), op.path, {MOUNT_ATTR_RDONLY, 0, 0, 0}, false));
  }
  // The whole mount is covered: paths below it are to be looked for in what is seen from now on.
  if (op.slot != slots::none && op.below.empty()) context.set_slot(op.slot, tree.release());
  return ok();
}

}  // namespace runts
