#pragma once

#include "../core/fd.h"
#include "../core/syscall.h"

namespace runts {

/** Makes a directory the working directory for as long as this object lives. */
class WorkingDirectory {
 public:
  explicit WorkingDirectory(int directory)
      : before_(sys::openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)), entered_(sys::fchdir(directory)) {}
  ~WorkingDirectory() {
    if (before_) sys::fchdir(before_.get());
  }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

  /** What fchdir(2) said. */
  long entered() const { return entered_; }

 private:
  Fd before_;
  long entered_;
};

}  // namespace runts
