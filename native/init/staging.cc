// What a program that makes a container anew finds ready: its mounts, each by itself under a name that nobody else can
// change, and the descriptors that it is told of by number.

#include "dispatch.gen.h"
#include "mountinfo.h"
#include "mounts.h"
#include "path.h"

namespace runts {

namespace {

/** Where the clone of a mount goes: a directory, or an empty file for what is none. */
Result make_place(int stage, Str name, bool directory, Fd& to) {
  if (directory) {
    TRY_SYS(sys::mkdirat(stage, name.c_str(), 0700), "mkdirat", name);
  } else {
    const long file = sys::openat(stage, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    TRY_SYS(file, "openat", name);
    sys::close(static_cast<int>(file));
  }
  const long place = sys::openat(stage, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  TRY_SYS(place, "openat", name);
  to.reset(place);
  return ok();
}

/**
 * What followed a mount of the host as it was saved is made to follow the one that it is staged as, and CRIU cannot
 * have it follow a private one. Where there is no mount_setattr(2) it cannot ask for that at all: MOVE_MOUNT_SET_GROUP
 * is of Linux 5.15.
 */
Result make_shared(int tree, Str path) {
  const Result changed = set_attributes(tree, path, 0, 0, MS_SHARED);
  return changed.error == ENOSYS ? ok() : changed;
}

/** Stages a mount, unless its path leads to another one, which lies over it. */
Result stage_mount(Context& context, int stage, const MountinfoLine& line, Str path) {
  Fd mount;
  const Result opened = open_in_root(context, path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS, mount);
  if (means_absent(opened)) return ok();
  TRY(opened);
  struct statx status;
  TRY(status_of(mount.get(), path, status));
  if (status.stx_mnt_id != line.id) return ok();
  Text<24> name;
  name.number(line.id);
  Fd place;
  TRY(make_place(stage, name.view(), is_directory(status), place));
  Fd tree;
  TRY(clone_tree(mount.get(), path, 0, tree));
  if (!line.propagates) TRY(make_shared(tree.get(), path));
  return attach(tree.get(), place.get(), path);
}

/** Stages the detached mounts in `slots`, of directories, as "directory0" and so on. */
Result stage_directories(Context& context, int stage, Words slots) {
  u64 number = 0;
  for (u64 slot : slots) {
    Text<24> name;
    name.add("directory");
    name.number(number++);
    Fd place;
    TRY(make_place(stage, name.view(), true, place));
    TRY(attach(context.slots[slot], place.get(), name.view()));
  }
  return ok();
}

}  // namespace

Result run(Context& context, const ops::MountsStage& op) {
  // Whoever the program becomes may look for what he has the name of.
  TRY_SYS(sys::mount("tmpfs", op.path.c_str(), "tmpfs", MS_NOSUID, "mode=711"), "mount", op.path);
  const long opened = sys::openat(AT_FDCWD, op.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  TRY_SYS(opened, "openat", op.path);
  const Fd stage(opened);
  TRY(stage_directories(context, stage.get(), op.directories));
  Text<PATH_SIZE> root;
  TRY(path_of(context.slots[slots::rootfs], root));
  return for_each_mount([&](const MountinfoLine& line) {
    const Str path = line.path.view();
    if (!starts_with(path, root.view())) return ok();
    const Str below = {path.data + root.size(), path.size - root.size()};
    if (below.size > 0 && below.data[0] != '/') return ok();
    return stage_mount(context, stage.get(), line, below.size == 0 ? str("/") : below);
  });
}

Result run(Context& context, const ops::DescriptorsPass& op) {
  // First out of the way: one may have the number that another is to get.
  const u64 behind = op.first + op.slots.size;
  for (u64 slot : op.slots) {
    const long moved = sys::fcntl(context.slots[slot], F_DUPFD_CLOEXEC, static_cast<long>(behind));
    TRY_SYS(moved, "fcntl", "descriptor for the program");
    context.set_slot(static_cast<u32>(slot), static_cast<int>(moved));
  }
  // Another slot may have one of the numbers, and exec would close it by that.
  context.close_slots(op.slots);
  u32 number = op.first;
  for (u64 slot : op.slots) {
    TRY_SYS(sys::dup3(context.slots[slot], static_cast<int>(number), 0), "dup3", "descriptor for the program");
    number++;
  }
  return ok();
}

}  // namespace runts
