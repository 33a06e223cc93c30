#include <linux/mount.h>

#include "dispatch.gen.h"
#include "path.h"

// Directories, symlinks and nodes that are made in the rootfs. An image may hold anything under the names we want, and
// may point /dev at a directory of the host (CVE-2026-41579, CVE-2026-47766): parents are resolved in the rootfs, the
// last component is one name that is never followed.

namespace runts {

namespace {

/** chmod(2) by an O_PATH descriptor. Before fchmodat2 (Linux 6.6) that takes a procfs, and not one of the container's.
 */
long change_mode(Context& context, int fd, u32 mode) {
  long changed = sys::fchmodat2(fd, "", mode, AT_EMPTY_PATH);
  // EPERM: a filter around the runtime that does not know the call.
  if (changed != -ENOSYS && changed != -EPERM) return changed;
  Text<40> link;
  link.add("self/fd/").number(static_cast<u64>(fd));
  return sys::fchmodat(context.slots[slots::procfs], link.c_str(), mode);
}

/**
 * Makes a new file's owner and mode what they should be: set-group-id directories and default ACLs decide otherwise.
 * `fd` is known to be what we have made.
 */
Result set_owner_and_mode(Context& context, int fd, Str path, const struct statx& status, u32 uid, u32 gid, u32 mode) {
  if (status.stx_uid != uid || status.stx_gid != gid) {
    TRY_SYS(sys::fchownat(fd, "", uid, gid, AT_EMPTY_PATH), "fchownat", path);
  }
  if ((status.stx_mode & 07777u) == mode) return ok();
  TRY_SYS(change_mode(context, fd, mode), "fchmodat2", path);
  return ok();
}

/** What is at `name`, without following it. */
Result open_name(int parent, const Name& name, Str path, Fd& to, struct statx& status) {
  long fd = sys::openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  TRY_SYS(fd, "openat", path);
  to.reset(fd);
  return status_of(to.get(), path, status);
}

template <typename Op>
bool is_node(const struct statx& status, const Op& op) {
  if ((status.stx_mode & S_IFMT) != op.type) return false;
  return op.type == S_IFIFO || (status.stx_rdev_major == op.major && status.stx_rdev_minor == op.minor);
}

/** Begins a detail with what is at `path`. */
Text<DETAIL_SIZE>& begin_node_detail(Str path, const struct statx& status) {
  auto& detail = begin_detail(path).add(": ").add(type_name(status.stx_mode));
  if (S_ISCHR(status.stx_mode) || S_ISBLK(status.stx_mode)) {
    detail.add(' ').number(status.stx_rdev_major).add(':').number(status.stx_rdev_minor);
  }
  return detail;
}

Result other_node_failure(Str path, const struct statx& status) {
  return fail(EEXIST, "mknodat", begin_node_detail(path, status).add(" is there already").view());
}

bool links_to(int parent, const Name& name, Str target) {
  char found[PATH_SIZE];
  long size = sys::readlinkat(parent, name.c_str(), found, sizeof(found));
  return size >= 0 && Str{found, static_cast<u64>(size)} == target;
}

Result make_link(Context& context, Str path, Str target, bool replace) {
  Fd parent;
  Name name;
  TRY(make_parent_in_root(context, path, parent, name));
  long made = sys::symlinkat(target.c_str(), parent.get(), name.c_str());
  if (made == -EEXIST) {
    if (!replace || links_to(parent.get(), name, target)) return ok();
    long removed = sys::unlinkat(parent.get(), name.c_str(), 0);
    if (removed == -EISDIR) return fail(EEXIST, "unlinkat", begin_detail(path).add(": a directory is there").view());
    TRY_SYS(removed, "unlinkat", path);
    made = sys::symlinkat(target.c_str(), parent.get(), name.c_str());
  }
  TRY_SYS(made, "symlinkat", path);
  return ok();
}

}  // namespace

Result run(Context& context, const ops::LinkMake& op) {
  return make_link(context, op.path, op.target, op.replace);
}

Result run(Context& context, const ops::LinkMakeIf& op) {
  Fd condition;
  Result found = open_in_root(context, op.condition, O_PATH | O_NOFOLLOW, 0, condition);
  if (found.error == ENOENT || found.error == ENOTDIR) return ok();
  TRY(found);
  return make_link(context, op.path, op.target, false);
}

Result run(Context& context, const ops::NodeMake& op) {
  Fd parent;
  Name name;
  TRY(make_parent_in_root(context, op.path, parent, name));
  long made;
  {
    WithoutUmask exact_mode;
    made = sys::mknodat(parent.get(), name.c_str(), op.type | op.mode, device_number(op.major, op.minor));
  }
  if (made < 0 && made != -EEXIST) return fail(made, "mknodat", op.path);
  Fd node;
  struct statx status = {};
  TRY(open_name(parent.get(), name, op.path, node, status));
  // Also what we have just made: somebody who shares the volume may have put another file there.
  if (!is_node(status, op)) return other_node_failure(op.path, status);
  // Owner and mode of what was there stay: it may be bound from the host, where a change would be seen.
  return made == 0 ? set_owner_and_mode(context, node.get(), op.path, status, op.uid, op.gid, op.mode) : ok();
}

Result run(Context& context, const ops::NodePrepare& op) {
  const int directory = context.slots[op.slot];
  WithoutUmask exact_mode;
  long made = sys::mknodat(directory, op.name.c_str(), op.type | op.mode, device_number(op.major, op.minor));
  TRY_SYS(made, "mknodat", op.name);
  TRY_SYS(sys::fchownat(directory, op.name.c_str(), op.uid, op.gid, AT_SYMLINK_NOFOLLOW), "fchownat", op.name);
  return ok();
}

Result run(Context& context, const ops::TreeCloneDevice& op) {
  long tree = sys::open_tree(AT_FDCWD, op.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  TRY_SYS(tree, "open_tree", op.source);
  Fd node(tree);
  struct statx status;
  TRY(status_of(node.get(), op.source, status));
  if (!is_node(status, op)) {
    auto& detail = begin_node_detail(op.source, status).add(" is there, and not ");
    return fail(ENODEV, "open_tree", detail.number(op.major).add(':').number(op.minor).view());
  }
  context.set_slot(op.slot, node.release());
  return ok();
}

}  // namespace runts
