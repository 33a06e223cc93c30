#pragma once

#include "context.h"

// Path resolution in the rootfs. Nothing else in init hands a path of the rootfs to the kernel: callers get a
// descriptor, or the descriptor of a parent and one name. The tree belongs to the image, and a process of another
// container may change it under us, so a path that was looked at once is worth nothing the second time.

namespace runts {

/** What a missing path becomes. */
enum class Creation { Directory, File };

struct MakeOptions {
  Creation creation = Creation::Directory;
  /** Mode of the last component when it is created; missing parents get 0755. The umask does not apply. */
  u32 mode = 0755;
  /** ELOOP for a symlink anywhere on the way. */
  bool no_symlinks = false;
};

/** One component of a path. */
using Name = Text<256>;

/** The buffer for a failure's detail, emptied, with `subject` as its beginning. */
Text<DETAIL_SIZE>& begin_detail(Str subject);

/**
 * The directory that paths of the rootfs resolve in: slot rootfs, or "/" when that is empty, which is opened into
 * `holder`.
 */
Result root_directory(Context& context, Fd& holder, int& root);

/**
 * openat2(2) in the rootfs: absolute symlinks and ".." stay inside, magic links are refused.
 * @param flags O_*; O_CLOEXEC is added
 * @param resolve further RESOLVE_* flags
 */
Result open_in_root(Context& context, Str path, u64 flags, u64 resolve, Fd& to);

/** O_PATH descriptor of what lies below a mount; ELOOP or EXDEV when a symlink leads on from there. */
Result open_below(int mount, Str below, Fd& to);

/** Whether nothing is at a path. ENOTDIR: a parent is a file. A loop of symlinks is something: it might be undone
 * later. */
inline bool means_absent(const Result& opened) {
  return opened.error == ENOENT || opened.error == ENOTDIR;
}

/**
 * What a path leads to now, where that is another place than `known` (-1: none), since a mount whose own path leads
 * there by a symlink lies over that; else nothing.
 */
Result open_cover(Context& context, Str path, int known, Fd& to);

/** O_PATH descriptor of a directory below our root, once that is the container's, by a path without magic links. */
Result open_working_directory(Str path, Fd& to);

/**
 * O_PATH descriptor of a path in the rootfs whose missing components are made. A dangling symlink's target is made too,
 * inside the rootfs. `created` (may be null) tells whether the last component is new.
 */
Result make_in_root(Context& context, Str path, const MakeOptions& options, Fd& to, bool* created);

/** The parent of a path in the rootfs, made when missing, and the path's last component, which is not looked at. */
Result make_parent_in_root(Context& context, Str path, Fd& parent, Name& name);

/** The path of a directory of the runtime's mount namespace that is open, by /proc of the host. */
Result path_of(int fd, Text<PATH_SIZE>& to);

/** statx(2) of the descriptor itself: type, mode, owner, device numbers, mount id. */
Result status_of(int fd, Str path, struct statx& to);

/** Whether two descriptors are the same place: the same file seen through the same mount. */
inline bool same_place(const struct statx& a, const struct statx& b) {
  return a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor &&
         a.stx_mnt_id == b.stx_mnt_id;
}

inline bool is_directory(const struct statx& status) {
  return S_ISDIR(status.stx_mode);
}
inline bool is_symlink(const struct statx& status) {
  return S_ISLNK(status.stx_mode);
}

/** The number of a device as mknodat(2) takes it: low 8 bits of the minor, 12 of the major, then the minor's rest. */
inline u64 device_number(u32 major, u32 minor) {
  return (minor & 0xffu) | (static_cast<u64>(major & 0xfffu) << 8) | (static_cast<u64>(minor & ~0xffu) << 12);
}

/** "a directory", "a symlink", ... for details. */
const char* type_name(u32 mode);

/** Suspends the umask, which would take bits from modes that the plan gives exactly. */
class WithoutUmask {
 public:
  WithoutUmask() : before_(static_cast<u32>(sys::umask(0))) {}
  ~WithoutUmask() { sys::umask(before_); }
  WithoutUmask(const WithoutUmask&) = delete;
  WithoutUmask& operator=(const WithoutUmask&) = delete;

 private:
  u32 before_;
};

}  // namespace runts
