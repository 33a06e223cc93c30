#include "dispatch.gen.h"
#include "path.h"

// tmpcopyup: a new tmpfs begins with what the directory below it holds. The copy is made into the detached mount, so
// nobody sees half of it.

namespace runts {

namespace {

/** Directories inside directories; each level takes a few kilobytes of stack. */
constexpr u32 MAX_DEPTH = 128;

/** linux_dirent64 of getdents64(2); the name follows. */
struct Entry {
  u64 inode;
  i64 offset;
  u16 size;
  u8 type;
  char name[1];
};

struct Place {
  int from;
  int to;
  u32 depth;
};

Result failure(long error, const char* syscall, Str name) {
  return fail(error, syscall, begin_detail(str("copy of \"")).add(name).add('"').view());
}

__kernel_timespec timespec_of(const struct statx_timestamp& time) {
  return {time.tv_sec, time.tv_nsec};
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

Result copy_content(int from, int to, Str name) {
  constexpr u64 CHUNK = 1 << 24;
  for (;;) {
    long moved = sys::sendfile(to, from, nullptr, CHUNK);
    if (moved < 0) return failure(moved, "sendfile", name);
    if (moved == 0) return ok();
  }
}

Result copy_file(const Place& place, const char* name) {
  // Not blocking: the name may have become a fifo since we looked.
  long source = sys::openat(place.from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (source < 0) return failure(source, "openat", str(name));
  Fd from(source);
  struct statx status;
  TRY(status_of(from.get(), str(name), status));
  if (!S_ISREG(status.stx_mode)) return failure(ESTALE, "openat", str(name));
  long fd = sys::openat(place.to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return failure(fd, "openat", str(name));
  Fd to(fd);
  return copy_content(from.get(), to.get(), str(name));
}

[[gnu::noinline]] Result copy_link(const Place& place, const char* name) {
  char target[PATH_SIZE];
  long size = sys::readlinkat(place.from, name, target, sizeof(target) - 1);
  if (size < 0) return failure(size, "readlinkat", str(name));
  target[size] = '\0';
  long made = sys::symlinkat(target, place.to, name);
  return made < 0 ? failure(made, "symlinkat", str(name)) : ok();
}

Result copy_node(const Place& place, const char* name, const struct statx& status) {
  u64 device = device_number(status.stx_rdev_major, status.stx_rdev_minor);
  long made = sys::mknodat(place.to, name, (status.stx_mode & S_IFMT) | 0600, device);
  return made < 0 ? failure(made, "mknodat", str(name)) : ok();
}

Result copy_directory(const Place& place);

Result copy_subdirectory(const Place& place, const char* name) {
  if (place.depth == MAX_DEPTH)
    return fail(ENAMETOOLONG, "openat", "tmpcopyup: more than 128 directories inside each other");
  long fd = sys::openat(place.from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return failure(fd, "openat", str(name));
  Fd from(fd);
  long made = sys::mkdirat(place.to, name, 0700);
  if (made < 0) return failure(made, "mkdirat", str(name));
  long copy = sys::openat(place.to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (copy < 0) return failure(copy, "openat", str(name));
  Fd to(copy);
  return copy_directory({from.get(), to.get(), place.depth + 1});
}

Result copy_entry(const Place& place, const char* name) {
  struct statx status;
  long found = sys::statx(place.from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status);
  // Somebody else may delete meanwhile.
  if (found == -ENOENT) return ok();
  if (found < 0) return failure(found, "statx", str(name));
  switch (status.stx_mode & S_IFMT) {
    case S_IFDIR:
      TRY(copy_subdirectory(place, name));
      break;
    case S_IFREG:
      TRY(copy_file(place, name));
      break;
    case S_IFLNK:
      TRY(copy_link(place, name));
      break;
    default:
      TRY(copy_node(place, name, status));
  }
  return copy_attributes(place.to, name, status);
}

Result copy_directory(const Place& place) {
  alignas(Entry) char buffer[2048];
  for (;;) {
    long size = sys::getdents64(place.from, buffer, sizeof(buffer));
    TRY_SYS(size, "getdents64", "tmpcopyup");
    if (size == 0) return ok();
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      at += entry->size;
      Str name = str(entry->name);
      if (!(name == str(".")) && !(name == str(".."))) TRY(copy_entry(place, entry->name));
    }
  }
}

}  // namespace

Result run(Context& context, const ops::TreeCopyUp& op) {
  Fd from;
  Result opened = open_in_root(context, op.destination, O_RDONLY | O_DIRECTORY, 0, from);
  if (opened.error == ENOENT) return ok();
  TRY(opened);
  return copy_directory({from.get(), context.slots[op.slot], 0});
}

}  // namespace runts
