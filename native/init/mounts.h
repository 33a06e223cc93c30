#pragma once

#include <linux/mount.h>

#include "context.h"

namespace runts {

/** umount2(2); the kernel does not export its header. */
constexpr int MNT_DETACH = 2;

/** move_mount(2) of a detached (or attached) mount onto a directory or file, both by descriptor. */
Result attach(int tree, int destination, Str path);

/** A detached clone of the mount below `fd`, starting at `fd`; `flags` may add AT_RECURSIVE. */
Result clone_tree(int fd, Str path, u32 flags, Fd& to);

/** Tells which filesystem it is, as the number that statfs(2) gives it. */
Str filesystem_of(int tree);

/** mount_setattr(2) on the detached mount in `fd`: ENOSYS before Linux 5.12. */
Result set_attributes(int fd, Str path, u64 set, u64 clear, u64 propagation = 0);

/** The same on an attached mount, which mount(2) can change where the kernel does not know that call. */
Result set_attributes_attached(Context& context, int fd, Str path, const struct mount_attr& change, bool recursive);

/** fsconfig(2) of one option, `key=value` or a flag. What the filesystem says goes into the failure's detail. */
Result configure(int filesystem, Str type, Str option);

/** FSCONFIG_CMD_CREATE and fsmount(2): a detached mount. */
Result create_mount(int filesystem, Str type, u64 attributes, Fd& to);

}  // namespace runts
