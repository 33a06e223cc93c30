#include "pump.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "error.h"

namespace runts::addon {

namespace {

/** Writing as little as this after POLLOUT does not block, not even where the descriptor may (PIPE_BUF). */
constexpr size_t SAFE_WRITE = 4096;

}  // namespace

Unblocked::Unblocked(int fd, int direction) : shared_(fd) {
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return;
  most_ = SAFE_WRITE;
  if (!S_ISFIFO(status.st_mode) && isatty(fd) != 1) return;
  // O_NONBLOCK belongs to the open file, which the shell and other processes share: so open it anew where that works.
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  own_ = Fd(::open(path, direction | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (own_.get() >= 0) most_ = std::numeric_limits<size_t>::max();
}

void Pump::stop() {
  source_ = -1;
  size_ = 0;
  settle();
}

void Pump::settle() {
  if (finished()) own_.reset();
}

void Pump::fill() {
  ssize_t got = ::read(source_, bytes_, sizeof bytes_);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    // EIO is how a pseudo-terminal says that its other side is gone.
    source_ = -1;
    settle();
    return;
  }
  begin_ = 0;
  last_ = bytes_[got - 1];
  // Once the sink is broken the source is read all the same, or the container would stop at a full terminal.
  size_ = broken_ ? 0 : static_cast<size_t>(got);
}

void Pump::put(char byte, size_t count) {
  begin_ = 0;
  size_ = broken_ ? 0 : count;
  std::fill_n(bytes_, size_, byte);
}

void Pump::flush(bool hung_up) {
  ssize_t written = ::write(sink_, bytes_ + begin_, std::min(size_, most_));
  if (written >= 0) {
    begin_ += static_cast<size_t>(written);
    size_ -= static_cast<size_t>(written);
    settle();
    return;
  }
  if (errno == EINTR) return;
  if (errno == EAGAIN) {
    if (hung_up) size_ = 0;
    return;
  }
  // A writer into a pipe of ours learns from the pipe that nobody reads, and its other side that nothing more comes.
  if (own_.get() >= 0) return stop();
  broken_ = true;
  size_ = 0;
}

}  // namespace runts::addon
