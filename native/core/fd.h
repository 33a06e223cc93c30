#pragma once

#include <asm/unistd.h>

#include "arch.h"

namespace runts {

/** Owns a file descriptor; -1 is none. Seen by the addon as well, where <fcntl.h> forbids syscall.h: closed without
 * errno. */
class Fd {
 public:
  Fd() = default;
  explicit Fd(long fd) : fd_(fd < 0 ? -1 : static_cast<int>(fd)) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }

  void reset(long fd = -1) {
    if (fd_ >= 0) raw_syscall(__NR_close, fd_, 0, 0, 0, 0, 0);
    fd_ = fd < 0 ? -1 : static_cast<int>(fd);
  }

 private:
  int fd_ = -1;
};

}  // namespace runts
