#include "copied_file.h"

#include <linux/fs.h>

#include "path.h"

namespace runts {

namespace {

__kernel_timespec timespec_of(const struct statx_timestamp& time) {
  return {time.tv_sec, time.tv_nsec};
}

/** Bytes from `at` up to `end`, or up to where the file ends by now. */
Result copy_range(int from, int to, i64 at, i64 end, Str name) {
  constexpr i64 CHUNK = 1 << 24;
  if (at > 0) {
    long placed = sys::lseek(to, at, SEEK_SET);
    if (placed < 0) return copy_failure(placed, "lseek", name);
  }
  while (at < end) {
    long moved = sys::sendfile(to, from, &at, static_cast<u64>(end - at < CHUNK ? end - at : CHUNK));
    if (moved < 0) return copy_failure(moved, "sendfile", name);
    if (moved == 0) return ok();
  }
  return ok();
}

/** What holds data; holes stay holes, because a file of an image may consist of many terabytes of them. */
Result copy_content(int from, int to, i64 size, Str name) {
  i64 end = 0;
  while (end < size) {
    long data = sys::lseek(from, end, SEEK_DATA);
    // Nothing but a hole is left.
    if (data == -ENXIO) break;
    if (data < 0) return copy_failure(data, "lseek", name);
    end = sys::lseek(from, data, SEEK_HOLE);
    if (end <= data) break;
    TRY(copy_range(from, to, data, end < size ? end : size, name));
  }
  if (end >= size) return ok();
  long stretched = sys::ftruncate(to, static_cast<u64>(size));
  return stretched < 0 ? copy_failure(stretched, "ftruncate", name) : ok();
}

}  // namespace

Result copy_failure(long error, const char* syscall, Str name) {
  return fail(error, syscall, begin_detail(str("copy of \"")).add(name).add('"').view());
}

/** Owner first: chown clears the set-user-id bit that chmod then sets again. */
Result copy_attributes(int parent, const char* name, const struct statx& status) {
  bool link = is_symlink(status);
  TRY_SYS(sys::fchownat(parent, name, status.stx_uid, status.stx_gid, AT_SYMLINK_NOFOLLOW), "fchownat", str(name));
  // Nobody else can reach the detached tree, so a name stays what it was. A symlink has no mode.
  if (!link) TRY_SYS(sys::fchmodat(parent, name, status.stx_mode & 07777u), "fchmodat", str(name));
  __kernel_timespec times[2] = {timespec_of(status.stx_atime), timespec_of(status.stx_mtime)};
  TRY_SYS(sys::utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW), "utimensat", str(name));
  return ok();
}

Result copy_file(const Place& place, const char* name) {
  // Not blocking: the name may have become a fifo since we looked.
  long source = sys::openat(place.from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (source < 0) return copy_failure(source, "openat", str(name));
  Fd from(source);
  struct statx status;
  TRY(status_of(from.get(), str(name), status));
  if (!S_ISREG(status.stx_mode)) return copy_failure(ESTALE, "openat", str(name));
  long fd = sys::openat(place.to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return copy_failure(fd, "openat", str(name));
  Fd to(fd);
  return copy_content(from.get(), to.get(), static_cast<i64>(status.stx_size), str(name));
}

[[gnu::noinline]] Result copy_link(const Place& place, const char* name) {
  char target[PATH_SIZE];
  long size = sys::readlinkat(place.from, name, target, sizeof(target) - 1);
  if (size < 0) return copy_failure(size, "readlinkat", str(name));
  target[size] = '\0';
  long made = sys::symlinkat(target, place.to, name);
  return made < 0 ? copy_failure(made, "symlinkat", str(name)) : ok();
}

Result copy_node(const Place& place, const char* name, const struct statx& status) {
  u64 device = device_number(status.stx_rdev_major, status.stx_rdev_minor);
  long made = sys::mknodat(place.to, name, (status.stx_mode & S_IFMT) | 0600, device);
  return made < 0 ? copy_failure(made, "mknodat", str(name)) : ok();
}

}  // namespace runts
