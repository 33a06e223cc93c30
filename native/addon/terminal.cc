#include "terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "error.h"

namespace runts::addon {

namespace {

/** Writing as little as this after POLLOUT does not block, not even where the descriptor may (PIPE_BUF). */
constexpr size_t SAFE_WRITE = 4096;

}  // namespace

void copy_window_size(int from, int to) {
  winsize size;
  if (ioctl(from, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  ioctl(to, TIOCSWINSZ, &size);
}

RawMode::RawMode(int fd) : fd_(fd) {
  if (fd_ >= 0 && tcgetattr(fd_, &saved_) != 0) fd_ = -1;
  renew();
}

RawMode::~RawMode() {
  if (fd_ >= 0) retry([&] { return tcsetattr(fd_, TCSANOW, &saved_); });
}

void RawMode::renew() {
  if (fd_ < 0) return;
  termios raw = saved_;
  cfmakeraw(&raw);
  check(retry([&] { return tcsetattr(fd_, TCSANOW, &raw); }), "tcsetattr");
}

void Pump::fill() {
  ssize_t got = ::read(source_, bytes_, sizeof bytes_);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    // EIO is how a pseudo-terminal says that its other side is gone.
    source_ = -1;
    return;
  }
  begin_ = 0;
  // Once the sink is broken the source is read all the same, or the container would stop at a full terminal.
  size_ = broken_ ? 0 : static_cast<size_t>(got);
}

void Pump::flush(bool hung_up) {
  ssize_t written = ::write(sink_, bytes_ + begin_, std::min(size_, SAFE_WRITE));
  if (written >= 0) {
    begin_ += static_cast<size_t>(written);
    size_ -= static_cast<size_t>(written);
    return;
  }
  if (errno == EINTR) return;
  if (errno == EAGAIN) {
    if (hung_up) size_ = 0;
    return;
  }
  broken_ = true;
  size_ = 0;
}

Output::Output(int fd) : shared_(fd) {
  struct stat status;
  if (fstat(fd, &status) != 0 || (!S_ISFIFO(status.st_mode) && isatty(fd) != 1)) return;
  // O_NONBLOCK belongs to the open file, which the shell and other processes share: so open it anew where that works.
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  own_ = Fd(::open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace runts::addon
