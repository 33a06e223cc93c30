#include <linux/mount.h>

#include "dispatch.gen.h"
#include "mounts.h"
#include "path.h"

// Masked and read-only paths. They run after the root was changed, on trees that the image's mounts and other
// containers may have a hand in: a path is opened once, and everything happens to that descriptor. What lies on a mount
// of the container is looked for there: whoever writes to the rootfs may put another directory in the place of /proc.

namespace runts {

namespace {

/** Either may be none: what is missing needs no protection. */
struct Places {
  /** What the path leads to, from the mount on which the plan knows it to lie if there is one. */
  Fd known;
  /** What it leads to from the root, where that is another place: a mount whose own path leads there by a symlink
   * covers the known one. */
  Fd seen;
};

template <typename Op>
Result find_places(Context& context, const Op& op, Places& to) {
  Result opened = fail(ELOOP, "openat2");
  if (op.slot != slots::none) opened = open_below(context.slots[op.slot], op.below, to.known);
  const bool by_slot = opened.error != ELOOP && opened.error != EXDEV;
  if (!by_slot) opened = open_in_root(context, op.path, O_PATH, 0, to.known);
  if (op.required || !means_absent(opened)) TRY(opened);
  return by_slot ? open_cover(context, op.path, to.known.get(), to.seen) : ok();
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

Result mask(Context& context, int target, Str path) {
  struct statx status;
  TRY(status_of(target, path, status));
  return is_directory(status) ? mask_directory(context, target, path) : mask_file(context, target, path);
}

/** @param tree gets the read-only mount */
Result make_readonly(Context& context, int target, Str path, Fd& tree) {
  // Recursive, so that what is mounted below stays visible; read-only is the top alone.
  TRY(clone_tree(target, path, AT_RECURSIVE, tree));
  const Result changed = set_attributes(tree.get(), path, MOUNT_ATTR_RDONLY, 0);
  if (changed.error != ENOSYS) TRY(changed);
  TRY(attach(tree.get(), target, path));
  if (changed.error != ENOSYS) return ok();
  // Before Linux 5.12.
  return set_attributes_attached(context, tree.get(), path, {MOUNT_ATTR_RDONLY, 0, 0, 0}, false);
}

}  // namespace

Result run(Context& context, const ops::PathMask& op) {
  Places places;
  TRY(find_places(context, op, places));
  if (places.seen) TRY(mask(context, places.seen.get(), op.path));
  return places.known ? mask(context, places.known.get(), op.path) : ok();
}

Result run(Context& context, const ops::PathReadonly& op) {
  Places places;
  TRY(find_places(context, op, places));
  Fd tree;
  // The upper one first: the lower one takes it along if it lies on it.
  if (places.seen) TRY(make_readonly(context, places.seen.get(), op.path, tree));
  if (!places.known) return ok();
  TRY(make_readonly(context, places.known.get(), op.path, tree));
  // The whole mount is covered: paths below it are to be looked for in what is seen from now on.
  if (op.slot != slots::none && op.below.empty()) context.set_slot(op.slot, tree.release());
  return ok();
}

}  // namespace runts
