#include "path.h"

namespace runts {

Result status_of(int fd, Str path, struct statx& to) {
  TRY_SYS(sys::statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &to), "statx", path);
  return ok();
}

const char* type_name(u32 mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFREG:
      return "a regular file";
    case S_IFLNK:
      return "a symlink";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    case S_IFIFO:
      return "a fifo";
    default:
      return "a socket";
  }
}

Result path_of(int fd, Text<PATH_SIZE>& to) {
  Text<40> link;
  link.add("/proc/self/fd/").number(static_cast<u64>(fd));
  char path[PATH_SIZE];
  const long size = sys::readlinkat(AT_FDCWD, link.c_str(), path, sizeof(path));
  TRY_SYS(size, "readlinkat", link.view());
  to.clear();
  to.add(Str{path, static_cast<u64>(size)});
  return ok();
}

}  // namespace runts
