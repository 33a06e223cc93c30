#include <linux/fs.h>

#include "copied_file.h"
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

/** Where the copy goes on when a directory is done, and what its copy is to look like. */
struct Level {
  struct statx parent;
  struct statx directory;
  /** Position in the parent, for lseek(2). */
  i64 next;
};

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
    if (found < 0) return copy_failure(found, "statx", str(name));
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
    return made < 0 ? copy_failure(made, "linkat", str(name)) : ok();
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
    if (source < 0) return copy_failure(source, "openat", str(name));
    Fd from(source);
    long made = sys::mkdirat(to_.get(), name, 0700);
    if (made < 0) return copy_failure(made, "mkdirat", str(name));
    long copy = sys::openat(to_.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (copy < 0) return copy_failure(copy, "openat", str(name));
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
    if (source < 0) return copy_failure(source, "openat", str(".."));
    from_.reset(source);
    struct statx parent;
    TRY(status_of(from_.get(), str(".."), parent));
    if (!same_place(parent, level.parent)) return fail(ESTALE, "openat", "tmpcopyup: a directory was moved meanwhile");
    long sought = sys::lseek(from_.get(), level.next);
    TRY_SYS(sought, "lseek", "tmpcopyup");
    long copy = sys::openat(to_.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return copy_failure(copy, "openat", str(".."));
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
