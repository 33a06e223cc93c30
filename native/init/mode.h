#pragma once

#include <asm/stat.h>

#include "../core/syscall.h"

namespace runts {

/**
 * Type and permissions of a file for the operations that may run under the container's seccomp filter: filters of old
 * profiles know fstatat(2) but neither statx(2) nor openat2(2).
 */
inline long mode_of(int dir, const char* path, int flags, u32& mode) {
  struct stat status;
  long result = sys::call(__NR_newfstatat, dir, path, &status, flags);
  if (result == 0) mode = status.st_mode;
  return result;
}

}  // namespace runts
