#include <asm/statfs.h>
#include <linux/mount.h>

#include "dispatch.gen.h"
#include "mountinfo.h"
#include "mounts.h"
#include "path.h"
#include "working_directory.h"

// Attributes of mounts: by mount_setattr(2), which changes detached mounts as well, or by mount(2), which wants them
// attached.

namespace runts {

namespace {

/** Attributes of access times. */
constexpr u64 TIMES = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;

/** Attributes but times that a user namespace can lock; statfs(2) and mount(2) give them the same bits. */
constexpr u64 LOCKABLE = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/** ST_* of statfs(2), which no header of the kernel has for programs. */
enum : u64 { ST_NOATIME = 0x400, ST_NODIRATIME = 0x800, ST_RELATIME = 0x1000, ST_NOSYMFOLLOW = 0x2000 };

/** Those of LOCKABLE that a mount has. */
u64 flags_of(int tree) {
  struct statfs status;
  return sys::fstatfs(tree, &status) == 0 ? static_cast<u64>(status.f_flags) & LOCKABLE : 0;
}

Result locked_failure(const char* syscall, u64 flags) {
  constexpr const char* names[] = {"ro", "nosuid", "nodev", "noexec"};
  auto& detail = begin_detail(str("the source is mounted "));
  bool first = true;
  for (u32 bit = 0; bit < 4; bit++) {
    if ((flags >> bit & 1) == 0) continue;
    detail.add(first ? "" : ",").add(names[bit]);
    first = false;
  }
  return fail(EPERM, syscall, detail.add(", and a user namespace has locked that").view());
}

/** What a mount has, as MOUNT_ATTR_*. */
u64 attributes_of(const struct statfs& status) {
  const u64 flags = static_cast<u64>(status.f_flags);
  u64 has = flags & LOCKABLE;
  has |= (flags & ST_NOATIME) != 0 ? MOUNT_ATTR_NOATIME : (flags & ST_RELATIME) != 0 ? 0 : MOUNT_ATTR_STRICTATIME;
  if ((flags & ST_NODIRATIME) != 0) has |= MOUNT_ATTR_NODIRATIME;
  if ((flags & ST_NOSYMFOLLOW) != 0) has |= MOUNT_ATTR_NOSYMFOLLOW;
  return has;
}

/** MS_* of mount(2) for MOUNT_ATTR_*. Times are always named: left out they stay as they are only all together. */
u64 remount_flags(u64 attributes) {
  const u64 time = attributes & MOUNT_ATTR__ATIME;
  u64 flags = attributes & LOCKABLE;
  flags |= time == MOUNT_ATTR_NOATIME ? MS_NOATIME : time == MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME : MS_RELATIME;
  if ((attributes & MOUNT_ATTR_NODIRATIME) != 0) flags |= MS_NODIRATIME;
  if ((attributes & MOUNT_ATTR_NOSYMFOLLOW) != 0) flags |= MS_NOSYMFOLLOW;
  return flags;
}

/** mount(2) without a source, on what a descriptor holds: by the private procfs, as only that can name a file. */
long mount_again(Context& context, int fd, u64 flags) {
  Text<32> link;
  link.add("self/fd/").number(static_cast<u64>(fd));
  const WorkingDirectory procfs(context.slots[slots::procfs]);
  if (procfs.entered() < 0) return procfs.entered();
  return sys::mount(nullptr, link.c_str(), nullptr, flags, nullptr);
}

/** The same change of attributes by mount(2), of one mount that is attached. */
long remount_one(Context& context, int fd, const struct mount_attr& change) {
  struct statfs status;
  const long found = sys::fstatfs(fd, &status);
  if (found < 0) return found;
  const u64 attributes = (attributes_of(status) & ~change.attr_clr) | change.attr_set;
  return mount_again(context, fd, MS_REMOUNT | MS_BIND | remount_flags(attributes));
}

/** The same of all that is mounted below, one after the other; `missed` tells whether one was not where it is said to
 * be. */
Result remount_each(Context& context, int fd, Str top, const struct mount_attr& change, bool& missed) {
  return for_each_mount([&](const MountinfoLine& line) {
    const Str path = line.path.view();
    if (!starts_with(path, top)) return ok();
    Fd place;
    const Result opened = open_below(fd, {path.data + top.size, path.size - top.size}, place);
    struct statx status = {};
    if (!means_absent(opened)) {
      TRY(opened);
      TRY(status_of(place.get(), path, status));
    }
    if (status.stx_mnt_id != line.id) {
      missed = true;
      return ok();
    }
    TRY_SYS(remount_one(context, place.get(), change), "mount", path);
    return ok();
  });
}

/**
 * The same of all that is mounted below: mount(2) knows no recursion for attributes. What something else lies over has
 * no name by which anybody in there could reach it. Who renames directories of the source meanwhile hides a mount from
 * one pass, but not from so many.
 */
Result remount_below(Context& context, int fd, const struct mount_attr& change) {
  constexpr int passes = 16;
  Text<PATH_SIZE> top;
  TRY(path_of(fd, top));
  if (top.view() != str("/")) top.add('/');
  bool missed = true;
  for (int pass = 0; missed && pass < passes; pass++) {
    missed = false;
    TRY(remount_each(context, fd, top.view(), change, missed));
  }
  return ok();
}

/** The same change by mount(2), of a mount that is attached. */
long remount(Context& context, int fd, const struct mount_attr& change, bool recursive) {
  if ((change.attr_set | change.attr_clr) != 0) {
    const long changed = remount_one(context, fd, change);
    if (changed < 0) return changed;
    const Result below = recursive ? remount_below(context, fd, change) : ok();
    if (!below.ok()) return -below.error;
  }
  return change.propagation == 0 ? 0 : mount_again(context, fd, change.propagation | (recursive ? MS_REC : 0));
}

long set_by_call(int fd, const struct mount_attr& change, bool recursive) {
  return sys::mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &change, sizeof(change));
}

/**
 * Changes a mount as an operation says; `apply` does it, by the call `syscall`.
 * Flags to spare are cleared unless a user namespace has locked them.
 */
template <typename Op, typename Apply>
Result change_attributes(const Op& op, int tree, struct mount_attr& change, const char* syscall, const Apply& apply) {
  change.attr_set = op.set;
  change.attr_clr = op.clear | op.spare;
  change.propagation = op.propagation;
  if (op.locked && (op.clear & flags_of(tree)) != 0) return locked_failure(syscall, op.clear & flags_of(tree));
  long changed = apply();
  if (changed == -EPERM && op.spare != 0) {
    change.attr_clr = op.clear | (op.spare & ~(flags_of(tree) | TIMES));
    changed = apply();
  }
  if (changed == 0) return ok();
  if ((op.set & MOUNT_ATTR_IDMAP) != 0) return fail(changed, syscall, filesystem_of(tree));
  if (changed == -EPERM && (op.clear & flags_of(tree)) != 0) return locked_failure(syscall, op.clear & flags_of(tree));
  auto& detail = begin_detail(str("attributes 0x"));
  detail.number(op.set, 16).add(" set, 0x").number(op.clear, 16).add(" cleared");
  if (op.propagation != 0) detail.add(", propagation 0x").number(op.propagation, 16);
  return fail(changed, syscall, detail.view());
}

}  // namespace

Result set_attributes(int fd, Str path, u64 set, u64 clear, u64 propagation) {
  TRY_SYS(set_by_call(fd, {set, clear, propagation, 0}, false), "mount_setattr", path);
  return ok();
}

Result set_attributes_attached(Context& context, int fd, Str path, const struct mount_attr& change, bool recursive) {
  long changed = set_by_call(fd, change, recursive);
  if (changed == -ENOSYS) changed = remount(context, fd, change, recursive);
  TRY_SYS(changed, "mount_setattr", path);
  return ok();
}

Result run(Context& context, const ops::TreeSetattr& op) {
  const int tree = context.slots[op.slot];
  struct mount_attr change = {};
  if ((op.set & MOUNT_ATTR_IDMAP) != 0) change.userns_fd = static_cast<u64>(context.slots[op.userNamespace]);
  return change_attributes(op, tree, change, "mount_setattr", [&] { return set_by_call(tree, change, op.recursive); });
}

Result run(Context& context, const ops::MountRemount& op) {
  const int mount = context.slots[op.slot];
  struct mount_attr change = {};
  TRY(change_attributes(op, mount, change, "mount", [&] { return remount(context, mount, change, op.recursive); }));
  if (!op.keep) context.set_slot(op.slot, -1);
  return ok();
}

}  // namespace runts
