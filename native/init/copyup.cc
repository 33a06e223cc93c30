#include <linux/fs.h>

#include "dispatch.gen.h"
#include "linked_files.h"
#include "path.h"
#include "vectors.h"

// tmpcopyup: a new tmpfs begins with what the directory below it holds. The copy is made into the detached mount, so
// nobody sees half of it. An image may nest directories deeper than there are descriptors: only the two at hand are
// open, and ".." leads back, which for the source is looked at.

namespace runts {

namespace {

/** linux_dirent64 of getdents64(2); the name follows. */
struct Entry {
  u64 inode;
  i64 offset;
  u16 size;
  u8 type;
  char name[1];
};

/** Bytes of the longest name, with its NUL. */
constexpr u64 NAME_SIZE = 256;

struct Place {
  int from;
  int to;
};

/** Where the copy goes on when a directory is done, and what its copy is to look like. */
struct Level {
  struct statx parent;
  struct statx directory;
  /** Position in the parent, for lseek(2). */
  i64 next;
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

/** Bytes from `at` up to `end`, or up to where the file ends by now. */
Result copy_range(int from, int to, i64 at, i64 end, Str name) {
  constexpr i64 CHUNK = 1 << 24;
  if (at > 0) {
    long placed = sys::lseek(to, at, SEEK_SET);
    if (placed < 0) return failure(placed, "lseek", name);
  }
  while (at < end) {
    long moved = sys::sendfile(to, from, &at, static_cast<u64>(end - at < CHUNK ? end - at : CHUNK));
    if (moved < 0) return failure(moved, "sendfile", name);
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
    if (data < 0) return failure(data, "lseek", name);
    end = sys::lseek(from, data, SEEK_HOLE);
    if (end <= data) break;
    TRY(copy_range(from, to, data, end < size ? end : size, name));
  }
  if (end >= size) return ok();
  long stretched = sys::ftruncate(to, static_cast<u64>(size));
  return stretched < 0 ? failure(stretched, "ftruncate", name) : ok();
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
  return copy_content(from.get(), to.get(), static_cast<i64>(status.stx_size), str(name));
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

/** The directories between the top and the one at hand. */
class Levels {
 public:
  Levels() = default;
  ~Levels() { sys::munmap(levels_, capacity_ * sizeof(Level)); }
  Levels(const Levels&) = delete;
  Levels& operator=(const Levels&) = delete;

  bool empty() const { return size_ == 0; }

  Result push(const Level& level) {
    if (size_ == capacity_) TRY(grow());
    levels_[size_++] = level;
    return ok();
  }

  /** Valid until the next push. */
  const Level& pop() { return levels_[--size_]; }

 private:
  Result grow() {
    const u64 capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    Level* levels = allocate<Level>(capacity);
    if (levels == nullptr) return fail(ENOMEM, "mmap", "tmpcopyup");
    for (u64 i = 0; i < size_; i++) levels[i] = levels_[i];
    sys::munmap(levels_, capacity_ * sizeof(Level));
    levels_ = levels;
    capacity_ = capacity;
    return ok();
  }

  Level* levels_ = nullptr;
  u64 capacity_ = 0;
  u64 size_ = 0;
};

/** The copy of a tree, directory by directory. */
class TreeCopy {
 public:
  TreeCopy(Fd from, Fd to, int top) : from_(static_cast<Fd&&>(from)), to_(static_cast<Fd&&>(to)), top_(top) {}

  Result run() {
    alignas(Entry) char buffer[2048];
    for (;;) {
      long size = sys::getdents64(from_.get(), buffer, sizeof(buffer));
      TRY_SYS(size, "getdents64", "tmpcopyup");
      if (size == 0 && levels_.empty()) return ok();
      if (size == 0) {
        TRY(leave());
        continue;
      }
      TRY(copy_entries(buffer, size));
    }
  }

 private:
  /** Up to a directory: what comes after it is read again when it is done. */
  Result copy_entries(const char* buffer, long size) {
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      at += entry->size;
      Str name = str(entry->name);
      if (name == str(".") || name == str("..")) continue;
      bool entered = false;
      TRY(copy_entry(*entry, entered));
      if (entered) break;
    }
    return ok();
  }

  Result copy_entry(const Entry& entry, bool& entered) {
    const Place place = {from_.get(), to_.get()};
    const char* name = entry.name;
    struct statx status;
    long found = sys::statx(place.from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status);
    // Somebody else may delete meanwhile.
    if (found == -ENOENT) return ok();
    if (found < 0) return failure(found, "statx", str(name));
    const bool linked = status.stx_nlink > 1 && !is_directory(status);
    const char* copied = linked ? links_.find(status) : nullptr;
    if (copied != nullptr) return link(copied, name);
    switch (status.stx_mode & S_IFMT) {
      case S_IFDIR:
        entered = true;
        return enter(name, status, entry.offset);
      case S_IFREG:
        TRY(copy_file(place, name));
        break;
      case S_IFLNK:
        TRY(copy_link(place, name));
        break;
      default:
        TRY(copy_node(place, name, status));
    }
    TRY(copy_attributes(place.to, name, status));
    return linked && too_deep_ == 0 ? remember(status, name) : ok();
  }

  /** Another name of a file that has been copied. */
  Result link(const char* copied, const char* name) {
    long made = sys::linkat(top_, copied, to_.get(), name, 0);
    return made < 0 ? failure(made, "linkat", str(name)) : ok();
  }

  Result remember(const struct statx& status, const char* name) {
    Text<PATH_SIZE> path;
    path.add(path_.view()).add(name);
    return links_.add(status, path.view());
  }

  /** Notes the path of the copy as far as one can be given: to a name that is deeper no link can be made. */
  void descend(Str name) {
    if (too_deep_ > 0 || path_.size() + name.size + NAME_SIZE + 1 > PATH_SIZE)
      too_deep_++;
    else
      path_.add(name).add('/');
  }

  void ascend() {
    if (too_deep_ > 0) {
      too_deep_--;
      return;
    }
    u64 size = path_.size() - 1;
    while (size > 0 && path_.c_str()[size - 1] != '/') size--;
    path_.cut(size);
  }

  Result enter(const char* name, const struct statx& status, i64 next) {
    Level level = {{}, status, next};
    TRY(status_of(from_.get(), str(name), level.parent));
    long source = sys::openat(from_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0) return failure(source, "openat", str(name));
    Fd from(source);
    long made = sys::mkdirat(to_.get(), name, 0700);
    if (made < 0) return failure(made, "mkdirat", str(name));
    long copy = sys::openat(to_.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (copy < 0) return failure(copy, "openat", str(name));
    TRY(levels_.push(level));
    descend(str(name));
    from_ = static_cast<Fd&&>(from);
    to_.reset(copy);
    return ok();
  }

  Result leave() {
    const Level& level = levels_.pop();
    ascend();
    // After its content, which has changed its times.
    TRY(copy_attributes(to_.get(), ".", level.directory));
    long source = sys::openat(from_.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (source < 0) return failure(source, "openat", str(".."));
    from_.reset(source);
    struct statx parent;
    TRY(status_of(from_.get(), str(".."), parent));
    if (!same_place(parent, level.parent)) return fail(ESTALE, "openat", "tmpcopyup: a directory was moved meanwhile");
    long sought = sys::lseek(from_.get(), level.next);
    TRY_SYS(sought, "lseek", "tmpcopyup");
    long copy = sys::openat(to_.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return failure(copy, "openat", str(".."));
    to_.reset(copy);
    return ok();
  }

  Fd from_;
  Fd to_;
  /** The root of the copy; somebody else's. */
  int top_;
  Levels levels_;
  LinkedFiles links_;
  /** Path of the directory at hand from the top, with a slash behind it. */
  Text<PATH_SIZE> path_;
  /** Directories below that one. */
  u64 too_deep_ = 0;
};

}  // namespace

Result run(Context& context, const ops::TreeCopyUp& op) {
  Fd from;
  Result opened = open_in_root(context, op.destination, O_RDONLY | O_DIRECTORY, 0, from);
  if (opened.error == ENOENT) return ok();
  TRY(opened);
  long to = sys::fcntl(context.slots[op.slot], F_DUPFD_CLOEXEC, 0);
  TRY_SYS(to, "fcntl", op.destination);
  return TreeCopy(static_cast<Fd&&>(from), Fd(to), context.slots[op.slot]).run();
}

}  // namespace runts
