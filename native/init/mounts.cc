#include "mounts.h"

#include <linux/mount.h>

#include "dispatch.gen.h"
#include "path.h"

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

Result mount_result(long result, const ops::FsMountLegacy& op) {
  if (result == -ENODEV) return fail(result, "mount", begin_detail(op.type).add(": unknown filesystem type").view());
  TRY_SYS(result, "mount", op.destination);
  return ok();
}

/**
 * mount(2) onto a descriptor. Through /proc the working directory stays, to which paths among a filesystem's options
 * may be relative; a procfs that is not what it should be is noticed, and then the working directory is the way.
 */
Result mount_onto(int destination, const struct statx& place, const ops::FsMountLegacy& op) {
  Text<40> link;
  link.add("/proc/self/fd/").number(static_cast<u64>(destination));
  const char* data = op.data.empty() ? nullptr : op.data.c_str();
  if (leads_to(link.c_str(), place)) {
    return mount_result(sys::mount(op.source.c_str(), link.c_str(), op.type.c_str(), op.flags, data), op);
  }
  Fd before(sys::openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  TRY_SYS(sys::fchdir(destination), "fchdir", op.destination);
  long mounted = sys::mount(op.source.c_str(), ".", op.type.c_str(), op.flags, data);
  long restored = before ? sys::fchdir(before.get()) : -ENOENT;
  TRY(mount_result(mounted, op));
  TRY_SYS(restored, "fchdir", "the working directory cannot be restored");
  return ok();
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

Result run(Context& context, const ops::FsMountLegacy& op) {
  MakeOptions options;
  options.no_symlinks = op.noSymlinks;
  Fd destination;
  TRY(make_in_root(context, op.destination, options, destination, nullptr));
  struct statx place;
  TRY(status_of(destination.get(), op.destination, place));
  TRY(mount_onto(destination.get(), place, op));
  // No descriptor of the mount comes back from mount(2). What the path leads to now must at least be a mount's root
  // and not what it led to before.
  Fd mount;
  TRY(open_in_root(context, op.destination, O_PATH, op.noSymlinks ? RESOLVE_NO_SYMLINKS : 0, mount));
  struct statx found;
  TRY(status_of(mount.get(), op.destination, found));
  if (found.stx_mnt_id == place.stx_mnt_id || (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
    return fail(ESTALE, "mount", begin_detail(op.destination).add(": changed while it was mounted on").view());
  }
  context.set_slot(op.slot, mount.release());
  return ok();
}

Result run(Context& context, const ops::FsReconfigure& op) {
  Fd destination;
  TRY(open_in_root(context, op.destination, O_PATH, 0, destination));
  if (op.options.size > 0) {
    long fd = sys::fspick(destination.get(), "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
    if (fd == -EINVAL) return fail(fd, "fspick", begin_detail(op.destination).add(": is not a mount").view());
    TRY_SYS(fd, "fspick", op.destination);
    Fd filesystem(fd);
    TRY(configure_all(filesystem.get(), op.destination, op.options));
    long result = sys::fsconfig(filesystem.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0);
    if (result < 0) return configuration_failure(filesystem.get(), result, "fsconfig", op.destination, op.destination);
  }
  if (op.set == 0 && op.clear == 0) return ok();
  return set_attributes(destination.get(), op.destination, op.set, op.clear, 0, false);
}

}  // namespace runts
