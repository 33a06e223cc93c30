#include "mounts.h"

#include <linux/mount.h>

#include "dispatch.gen.h"
#include "path.h"
#include "working_directory.h"

// Mounts are made detached, given their attributes, and only then attached to a descriptor: no moment at which a mount
// is visible with the wrong flags, and no path that is resolved twice.

namespace runts {

namespace {

/** Appends what a filesystem says about its failure; read(2) of an fscontext gives one message a time, "e text". */
void add_messages(int filesystem, Str type, Text<DETAIL_SIZE>& detail) {
  char message[512];
  long size;
  while ((size = sys::read(filesystem, message, sizeof(message))) > 2) {
    if (message[0] != 'e') continue;
    Str text = {message + 2, static_cast<u64>(size) - 2};
    while (text.size > 0 && text.data[text.size - 1] == '\n') text.size--;
    // The detail names the filesystem already.
    if (starts_with(text, type) && find(text, ':') == type.size) text = {text.data + type.size, text.size - type.size};
    detail.add(text.size > 0 && text.data[0] == ':' ? "" : ": ").add(text);
  }
}

Result configuration_failure(int filesystem, long error, const char* syscall, Str type, Str subject) {
  auto& detail = begin_detail(subject);
  add_messages(filesystem, type, detail);
  return fail(error, syscall, detail.view());
}

Result configure_all(int filesystem, Str type, const StrList& options) {
  for (Str option : options) TRY(configure(filesystem, type, option));
  return ok();
}

/** Whether `path` leads to the same place as `fd`. */
bool leads_to(const char* path, const struct statx& place) {
  struct statx found;
  return sys::statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &found) == 0 && same_place(found, place);
}

/**
 * mount(2) onto a descriptor. Through /proc the working directory stays, to which paths among a filesystem's options
 * may be relative; a procfs that is not what it should be is noticed, and then the working directory is the way.
 */
Result mount_onto(int destination, const ops::FsMountLegacy& op) {
  struct statx place;
  TRY(status_of(destination, op.type, place));
  Text<40> link;
  link.add("/proc/self/fd/").number(static_cast<u64>(destination));
  const char* data = op.data.empty() ? nullptr : op.data.c_str();
  long result;
  if (leads_to(link.c_str(), place)) {
    result = sys::mount(op.source.c_str(), link.c_str(), op.type.c_str(), op.flags, data);
  } else {
    WorkingDirectory working_directory(destination);
    TRY_SYS(working_directory.entered(), "fchdir", op.type);
    result = sys::mount(op.source.c_str(), ".", op.type.c_str(), op.flags, data);
  }
  if (result == -ENODEV) return fail(result, "mount", begin_detail(op.type).add(": unknown filesystem type").view());
  TRY_SYS(result, "mount");
  return ok();
}

/** What lies on top of `root`: ".." stays there, but sees what is mounted over it. */
Result open_top(int root, Fd& to) {
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  long fd = sys::openat2(root, "..", &how);
  TRY_SYS(fd, "openat2", "..");
  to.reset(fd);
  return ok();
}

/** Detaches a mount by a descriptor of its root. */
Result unmount(int mount) {
  WorkingDirectory working_directory(mount);
  TRY_SYS(working_directory.entered(), "fchdir");
  TRY_SYS(sys::umount2(".", MNT_DETACH), "umount2");
  return ok();
}

Result reconfigure(Context& context, int mount, const ops::FsReconfigure& op) {
  if (op.options.size > 0) {
    long fd = sys::fspick(mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
    if (fd == -EINVAL) return fail(fd, "fspick", begin_detail(op.destination).add(": is not a mount").view());
    TRY_SYS(fd, "fspick", op.destination);
    Fd filesystem(fd);
    TRY(configure_all(filesystem.get(), op.destination, op.options));
    long result = sys::fsconfig(filesystem.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0);
    if (result < 0) return configuration_failure(filesystem.get(), result, "fsconfig", op.destination, op.destination);
  }
  if (op.set == 0 && op.clear == 0) return ok();
  return set_attributes_attached(context, mount, op.destination, {op.set, op.clear, 0, 0}, false);
}

}  // namespace

Result configure(int filesystem, Str type, Str option) {
  u64 equals = find(option, '=');
  Name key;
  key.add({option.data, equals});
  auto failure = [&](long error) {
    Text<512> subject;
    subject.add(type).add(" option \"").add(option).add('"');
    return configuration_failure(filesystem, error, "fsconfig", type, subject.view());
  };
  if (key.truncated()) return failure(-ENAMETOOLONG);
  long result = equals == option.size
                    ? sys::fsconfig(filesystem, FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0)
                    : sys::fsconfig(filesystem, FSCONFIG_SET_STRING, key.c_str(), option.data + equals + 1, 0);
  return result < 0 ? failure(result) : ok();
}

Result create_mount(int filesystem, Str type, u64 attributes, Fd& to) {
  long created = sys::fsconfig(filesystem, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
  if (created < 0) return configuration_failure(filesystem, created, "fsconfig", type, type);
  long mount = sys::fsmount(filesystem, FSMOUNT_CLOEXEC, static_cast<u32>(attributes));
  if (mount < 0) return configuration_failure(filesystem, mount, "fsmount", type, type);
  to.reset(mount);
  return ok();
}

Result run(Context& context, const ops::FsMount& op) {
  long fd = sys::fsopen(op.type.c_str(), FSOPEN_CLOEXEC);
  if (fd == -ENODEV) return fail(fd, "fsopen", begin_detail(op.type).add(": unknown filesystem type").view());
  TRY_SYS(fd, "fsopen", op.type);
  Fd filesystem(fd);
  if (!op.source.empty()) {
    long result = sys::fsconfig(filesystem.get(), FSCONFIG_SET_STRING, "source", op.source.c_str(), 0);
    if (result < 0) return configuration_failure(filesystem.get(), result, "fsconfig", op.type, op.source);
  }
  TRY(configure_all(filesystem.get(), op.type, op.options));
  Fd mount;
  TRY(create_mount(filesystem.get(), op.type, op.attributes, mount));
  context.set_slot(op.slot, mount.release());
  return ok();
}

/**
 * mount(2) follows paths and tells nobody what it has mounted. So for a moment it is mounted over the root of the
 * rootfs, which nobody can exchange, and a detached clone is what goes on: to the same checks as every other mount.
 */
Result run(Context& context, const ops::FsMountLegacy& op) {
  Fd holder;
  int root;
  TRY(root_directory(context, holder, root));
  TRY(mount_onto(root, op));
  Fd staged;
  TRY(open_top(root, staged));
  Fd tree;
  Result cloned = clone_tree(staged.get(), op.type, 0, tree);
  TRY(unmount(staged.get()));
  TRY(cloned);
  context.set_slot(op.slot, tree.release());
  return ok();
}

Result run(Context& context, const ops::FsReconfigure& op) {
  const int known = context.slots[op.slot];
  Fd seen;
  if (op.slot == slots::none) {
    TRY(open_in_root(context, op.destination, O_PATH, 0, seen));
    return reconfigure(context, seen.get(), op);
  }
  TRY(open_cover(context, op.destination, known, seen));
  struct statx place;
  if (seen) TRY(status_of(seen.get(), op.destination, place));
  // Whoever writes to the rootfs may have put a directory there meanwhile.
  if (seen && (place.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) TRY(reconfigure(context, seen.get(), op));
  return reconfigure(context, known, op);
}

}  // namespace runts
