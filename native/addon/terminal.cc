#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"

namespace runts::addon {

void copy_window_size(int from, int to) {
  winsize size;
  if (ioctl(from, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  ioctl(to, TIOCSWINSZ, &size);
}

RawMode::RawMode(int fd) : fd_(fd) {
  if (fd_ < 0) return;
  if (tcgetattr(fd_, &saved_) != 0) {
    fd_ = -1;
    return;
  }
  set_raw();
}

RawMode::~RawMode() {
  suspend();
}

void RawMode::set_raw() {
  termios raw = saved_;
  cfmakeraw(&raw);
  check(retry([&] { return tcsetattr(fd_, TCSANOW, &raw); }), "tcsetattr");
}

void RawMode::renew() {
  if (fd_ < 0) return;
  // In the background it would stop us.
  pid_t owner = tcgetpgrp(fd_);
  if (owner < 0 || owner == getpgrp()) set_raw();
}

void RawMode::suspend() {
  if (fd_ >= 0) retry([&] { return tcsetattr(fd_, TCSANOW, &saved_); });
}

}  // namespace runts::addon
