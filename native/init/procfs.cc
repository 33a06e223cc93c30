#include "procfs.h"

#include <asm/statfs.h>
#include <linux/magic.h>
#include <linux/mount.h>

#include "dispatch.gen.h"
#include "mounts.h"
#include "path.h"

// A procfs of our own. Whatever the container or another one mounts over /proc, labels and sysctls are written to the
// real thing (CVE-2019-16884, CVE-2025-52881).

namespace runts {

namespace {

Result make_procfs(bool subset, Fd& to) {
  Str type = str("proc");
  long fd = sys::fsopen(type.c_str(), FSOPEN_CLOEXEC);
  TRY_SYS(fd, "fsopen", type);
  Fd filesystem(fd);
  if (subset) TRY(configure(filesystem.get(), type, str("subset=pid")));
  return create_mount(filesystem.get(), type, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, to);
}

/** The procfs at /proc, if it is the root of a real one: inode 1 tells it from a bind of something inside. */
Result open_procfs(Fd& to) {
  constexpr u64 PROC_ROOT_INODE = 1;
  long fd = sys::openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  TRY_SYS(fd, "openat", "/proc");
  Fd procfs(fd);
  struct statx status;
  TRY(status_of(procfs.get(), str("/proc"), status));
  bool is = false;
  TRY(is_procfs(procfs.get(), str("/proc"), is));
  if (status.stx_ino != PROC_ROOT_INODE || !is) {
    return fail(EXDEV, "fstatfs", "/proc: is not the root of a procfs");
  }
  to = static_cast<Fd&&>(procfs);
  return ok();
}

}  // namespace

Result is_procfs(int fd, Str path, bool& is) {
  struct statfs status;
  TRY_SYS(sys::fstatfs(fd, &status), "fstatfs", path);
  is = status.f_type == PROC_SUPER_MAGIC;
  return ok();
}

Result run(Context& context, const ops::ProcfsOpen& op) {
  Fd procfs;
  const Result made = make_procfs(op.subset, procfs);
  // A nested user namespace may mount no procfs while that of its parent is partly covered; a filter around us may
  // forbid it, too. Whatever else happens says nothing about that.
  const bool forbidden = made.error == EPERM || made.error == EACCES || made.error == ENOSYS;
  if (!made.ok() && !forbidden) return made;
  if (forbidden && !open_procfs(procfs).ok()) {
    return fail(made.error, made.syscall, "proc: cannot be mounted, and /proc is not the root of one");
  }
  context.set_slot(op.slot, procfs.release());
  return ok();
}

Result run(Context& context, const ops::ProcfsWrite& op) {
  open_how how = {};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  long opened = sys::openat2(context.slots[op.slot], op.path.c_str(), &how);
  TRY_SYS(opened, "openat2", op.path);
  Fd file(opened);
  bool is = false;
  TRY(is_procfs(file.get(), op.path, is));
  if (!is) return fail(EXDEV, "fstatfs", begin_detail(op.path).add(": not a file of procfs").view());
  long written = sys::write(file.get(), op.value.data, op.value.size);
  if (written == static_cast<long>(op.value.size)) return ok();
  auto& detail = begin_detail(op.path).add(": \"").add(op.value).add('"');
  return fail(written < 0 ? written : -EIO, "write", detail.view());
}

}  // namespace runts
