#include "path.h"

namespace runts {

namespace {

/** Symlinks followed at the most, as in the kernel (path_resolution(7)). */
constexpr u32 MAX_LINKS = 40;
/** openat2 answers EAGAIN while somebody renames in the tree; an attacker may do so for ever. */
constexpr u32 MAX_RETRIES = 128;
/** Rounds of "missing, made, gone again" before we give up on one component. */
constexpr u32 MAX_RACES = 16;

long resolve_path(int directory, const char* path, u64 flags, u64 resolve) {
  open_how how = {};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  long fd = -EAGAIN;
  for (u32 i = 0; i < MAX_RETRIES && fd == -EAGAIN; i++) fd = sys::openat2(directory, path, &how);
  return fd;
}

long open_beneath(int root, const char* path, u64 flags, u64 resolve) {
  return resolve_path(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);
}

Result resolution_failure(long error, Str path, u64 resolve) {
  auto& detail = begin_detail(path);
  if (error == -ELOOP) {
    detail.add((resolve & RESOLVE_NO_SYMLINKS) != 0 ? ": a symlink is not allowed here"
                                                    : ": a loop of symlinks, or a magic link of procfs");
  } else if (error == -ENOTDIR) {
    detail.add(": a part of the path is no directory");
  } else if (error == -EAGAIN) {
    detail.add(": changed too often while it was resolved");
  }
  return fail(error, "openat2", detail.view());
}

/** Walks component by component and makes what is missing. Every step is one name relative to a descriptor. */
class Walker {
 public:
  Walker(int root, Str path, const MakeOptions& options) : root_(root), path_(path), options_(options) {
    pending_.add(path);
  }

  bool followed_symlink() const { return links_ > 0; }

  Result walk(Fd& to, bool* created) {
    if (pending_.truncated()) return fail(ENAMETOOLONG, "openat2", path_);
    skip_to_parent();
    while (next()) {
      if (name_.view() == str("..")) {
        TRY(ascend());
      } else {
        TRY(enter());
      }
    }
    if (!current_) current_.reset(sys::openat(root_, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!current_) return fail(EBADF, "openat", path_);
    if (created != nullptr) *created = created_;
    to = static_cast<Fd&&>(current_);
    return ok();
  }

 private:
  int directory() const { return current_ ? current_.get() : root_; }

  /** Length of the path without its last component and the slash before that. */
  u64 parent_size() const {
    u64 size = path_.size;
    while (size > 0 && path_.data[size - 1] == '/') size--;
    while (size > 0 && path_.data[size - 1] != '/') size--;
    return size > 0 ? size - 1 : 0;
  }

  /** Begins at the parent where that is there and no symlink leads to it: one call instead of three per component. */
  void skip_to_parent() {
    const u64 size = parent_size();
    if (size == 0 || path_.data[0] != '/') return;
    // A dot may begin "..", and real_ has to be the path itself.
    for (u64 i = 0; i < size; i++)
      if (path_.data[i] == '/' && (path_.data[i + 1] == '/' || path_.data[i + 1] == '.')) return;
    real_.add({path_.data, size});
    current_.reset(open_beneath(root_, real_.c_str(), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
    if (current_)
      at_ = size;
    else
      real_.clear();
  }

  /** Takes the next component into name_; false at the end. */
  bool next() {
    for (;;) {
      Str text = pending_.view();
      while (at_ < text.size && text.data[at_] == '/') at_++;
      if (at_ == text.size) return false;
      u64 end = find(text, '/', at_);
      name_.clear();
      name_.add({text.data + at_, end - at_});
      at_ = end;
      while (at_ < text.size && text.data[at_] == '/') at_++;
      last_ = at_ == text.size;
      if (!(name_.view() == str("."))) return true;
    }
  }

  /** ".." never leaves the root. The parent is looked up anew: a descriptor per level would know no bound. */
  Result ascend() {
    u64 size = real_.size();
    while (size > 0 && real_.c_str()[size - 1] != '/') size--;
    real_.cut(size > 0 ? size - 1 : 0);
    created_ = false;
    if (real_.size() == 0) {
      current_.reset();
      return ok();
    }
    current_.reset(open_beneath(root_, real_.c_str(), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
    if (!current_) return fail(ENOENT, "openat2", begin_detail(path_).add(": changed while it was resolved").view());
    return ok();
  }

  Result enter() {
    if (name_.truncated()) return fail(ENAMETOOLONG, "openat", path_);
    Fd fd;
    TRY(open_or_create(fd));
    struct statx status;
    TRY(status_of(fd.get(), path_, status));
    if (is_symlink(status)) return follow(fd.get());
    if (!last_ && !is_directory(status)) {
      return fail(ENOTDIR, "openat",
                  begin_detail(path_).add(": \"").add(name_.view()).add("\" is no directory").view());
    }
    real_.add('/').add(name_.view());
    if (real_.truncated()) return fail(ENAMETOOLONG, "openat", path_);
    current_ = static_cast<Fd&&>(fd);
    return ok();
  }

  Result open_or_create(Fd& to) {
    created_ = false;
    for (u32 i = 0; i < MAX_RACES; i++) {
      long fd = sys::openat(directory(), name_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0) {
        to.reset(fd);
        return ok();
      }
      if (fd != -ENOENT) return fail(fd, "openat", path_);
      TRY(create());
    }
    return fail(ENOENT, "openat", begin_detail(path_).add(": vanished each time it was made").view());
  }

  /** Makes the component. EEXIST is no error: containers that share a volume are created at the same time. */
  Result create() {
    WithoutUmask exact_mode;
    bool file = last_ && options_.creation == Creation::File;
    u32 mode = last_ ? options_.mode : 0755;
    // mknodat, not open(O_CREAT): the latter follows a dangling symlink that was swapped in (CVE-2024-45310).
    long made = file ? sys::mknodat(directory(), name_.c_str(), S_IFREG | mode, 0)
                     : sys::mkdirat(directory(), name_.c_str(), mode);
    if (made == -EEXIST) return ok();
    TRY_SYS(made, file ? "mknodat" : "mkdirat", begin_detail(path_).view());
    created_ = true;
    return ok();
  }

  /** Puts a symlink's target before what is still to be walked. */
  Result follow(int link) {
    if (options_.no_symlinks) return resolution_failure(-ELOOP, path_, RESOLVE_NO_SYMLINKS);
    if (++links_ > MAX_LINKS) return resolution_failure(-ELOOP, path_, 0);
    char target[PATH_SIZE];
    long size = sys::readlinkat(link, "", target, sizeof(target));
    TRY_SYS(size, "readlinkat", path_);
    if (size == 0) return fail(ENOENT, "readlinkat", path_);
    if (target[0] == '/') {
      current_.reset();
      real_.clear();
    }
    Text<PATH_SIZE> rest;
    rest.add({pending_.c_str() + at_, pending_.size() - at_});
    pending_.clear();
    pending_.add({target, static_cast<u64>(size)}).add('/').add(rest.view());
    at_ = 0;
    return pending_.truncated() ? fail(ENAMETOOLONG, "openat2", path_) : ok();
  }

  int root_;
  Str path_;
  MakeOptions options_;
  /** The directory reached; none while that is the root. */
  Fd current_;
  /** Its path without symlinks, for ".." alone. */
  Text<PATH_SIZE> real_;
  Text<PATH_SIZE> pending_;
  u64 at_ = 0;
  Name name_;
  bool last_ = false;
  bool created_ = false;
  u32 links_ = 0;
};

}  // namespace

Text<DETAIL_SIZE>& begin_detail(Str subject) {
  auto& detail = detail_buffer();
  detail.clear();
  return detail.add(subject);
}

Result root_directory(Context& context, Fd& holder, int& root) {
  root = context.slots[slots::rootfs];
  if (root >= 0) return ok();
  long fd = sys::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  TRY_SYS(fd, "openat", "/");
  holder.reset(fd);
  root = holder.get();
  return ok();
}

Result open_in_root(Context& context, Str path, u64 flags, u64 resolve, Fd& to) {
  Fd holder;
  int root;
  TRY(root_directory(context, holder, root));
  long fd = open_beneath(root, path.c_str(), flags, resolve);
  if (fd < 0) return resolution_failure(fd, path, resolve);
  to.reset(fd);
  return ok();
}

Result open_below(int mount, Str below, Fd& to) {
  long fd = below.empty() ? sys::fcntl(mount, F_DUPFD_CLOEXEC, 0)
                          : resolve_path(mount, below.c_str(), O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  TRY_SYS(fd, "openat2", below);
  to.reset(fd);
  return ok();
}

Result open_working_directory(Str path, Fd& to) {
  long fd = resolve_path(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS);
  if (fd == -ELOOP) return fail(fd, "openat2", "a loop of symlinks, or a magic link of procfs");
  TRY_SYS(fd, "openat2");
  to.reset(fd);
  return ok();
}

Result make_in_root(Context& context, Str path, const MakeOptions& options, Fd& to, bool* created) {
  Fd holder;
  int root;
  TRY(root_directory(context, holder, root));
  // Most paths exist, and without symlinks: one call instead of one per component.
  u64 resolve = RESOLVE_NO_SYMLINKS;
  long fd = open_beneath(root, path.c_str(), O_PATH, resolve);
  if (fd == -ELOOP && !options.no_symlinks) {
    context.through_symlink = true;
    resolve = 0;
    fd = open_beneath(root, path.c_str(), O_PATH, resolve);
  }
  if (fd >= 0) {
    if (created != nullptr) *created = false;
    to.reset(fd);
    return ok();
  }
  if (fd != -ENOENT) return resolution_failure(fd, path, resolve);
  Walker walker(root, path, options);
  const Result walked = walker.walk(to, created);
  if (walker.followed_symlink()) context.through_symlink = true;
  return walked;
}

Result make_parent_in_root(Context& context, Str path, Fd& parent, Name& name) {
  u64 end = path.size;
  while (end > 0 && path.data[end - 1] == '/') end--;
  u64 begin = end;
  while (begin > 0 && path.data[begin - 1] != '/') begin--;
  name.clear();
  name.add({path.data + begin, end - begin});
  if (name.truncated()) return fail(ENAMETOOLONG, "openat2", path);
  if (name.size() == 0 || name.view() == str(".") || name.view() == str("..")) {
    return fail(EINVAL, "openat2", begin_detail(path).add(": does not end in a name").view());
  }
  Text<PATH_SIZE> directory;
  directory.add('/').add({path.data, begin});
  if (directory.truncated()) return fail(ENAMETOOLONG, "openat2", path);
  TRY(make_in_root(context, directory.view(), {}, parent, nullptr));
  struct statx status;
  TRY(status_of(parent.get(), path, status));
  if (is_directory(status)) return ok();
  return fail(ENOTDIR, "openat2", begin_detail(path).add(": its parent is ").add(type_name(status.stx_mode)).view());
}

}  // namespace runts
