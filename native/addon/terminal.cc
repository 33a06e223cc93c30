#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "arguments.h"
#include "error.h"
#include "exports.h"

namespace runts::addon {

void copy_window_size(int from, int to) {
  winsize size;
  if (ioctl(from, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  ioctl(to, TIOCSWINSZ, &size);
}

std::string end_of_input(int terminal, bool in_line) {
  termios modes;
  if (tcgetattr(terminal, &modes) != 0 || modes.c_cc[VEOF] == _POSIX_VDISABLE) return {};
  // In the middle of a line the first one only hands that over (termios(3)).
  bool twice = (modes.c_lflag & ICANON) != 0 && in_line;
  return std::string(twice ? 2 : 1, static_cast<char>(modes.c_cc[VEOF]));
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

namespace {

Napi::Value set_non_blocking(const Napi::CallbackInfo& info) {
  int fd = arguments::int32(info[0]);
  int flags = static_cast<int>(check(fcntl(fd, F_GETFL), "fcntl"));
  check(fcntl(fd, F_SETFL, flags | O_NONBLOCK), "fcntl");
  return info.Env().Undefined();
}

Napi::Value set_window_size(const Napi::CallbackInfo& info) {
  winsize size = {};
  size.ws_col = static_cast<unsigned short>(arguments::uint32(info[1]));
  size.ws_row = static_cast<unsigned short>(arguments::uint32(info[2]));
  check(ioctl(arguments::int32(info[0]), TIOCSWINSZ, &size), "ioctl(TIOCSWINSZ)");
  return info.Env().Undefined();
}

Napi::Value end_of_input(const Napi::CallbackInfo& info) {
  std::string typed = addon::end_of_input(arguments::int32(info[0]), arguments::boolean(info[1]));
  return Napi::String::New(info.Env(), typed);
}

}  // namespace

void add_terminal(Napi::Object exports) {
  add<set_non_blocking>(exports, "setNonBlocking");
  add<set_window_size>(exports, "setWindowSize");
  add<end_of_input>(exports, "endOfInput");
}

}  // namespace runts::addon
