/** Calls on file descriptors: open, close, wait for input. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <vector>

#include "arguments.h"
#include "deadline.h"
#include "exports.h"

namespace runts::addon {

namespace {

Napi::Value open_path(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  int flags = arguments::int32(info[1]) | O_CLOEXEC;
  mode_t mode = arguments::uint32(info[2]);
  long fd = check(retry([&] { return ::open(path.c_str(), flags, mode); }), "open", path.c_str());
  return Napi::Number::New(info.Env(), static_cast<double>(fd));
}

/** For flags that have other numbers on other processors: src/ does not speak of them. */
Napi::Value open_with(const Napi::CallbackInfo& info, int flags) {
  std::string path = arguments::c_text(info[0]);
  long fd = check(retry([&] { return ::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC); }), "open", path.c_str());
  return Napi::Number::New(info.Env(), static_cast<double>(fd));
}

Napi::Value open_directory(const Napi::CallbackInfo& info) {
  return open_with(info, O_DIRECTORY);
}

Napi::Value open_no_link(const Napi::CallbackInfo& info) {
  return open_with(info, O_NOFOLLOW);
}

Napi::Value close_fd(const Napi::CallbackInfo& info) {
  // Whatever else Linux says, it has closed the descriptor: nothing has failed, and nothing is to be repeated.
  if (::close(arguments::int32(info[0])) != 0 && errno == EBADF) fail("close");
  return info.Env().Undefined();
}

Napi::Value is_terminal(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ::isatty(arguments::int32(info[0])) == 1);
}

Napi::Value terminal_size(const Napi::CallbackInfo& info) {
  winsize size = {};
  if (::ioctl(arguments::int32(info[0]), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    return info.Env().Null();
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("rows", static_cast<double>(size.ws_row));
  result.Set("columns", static_cast<double>(size.ws_col));
  return result;
}

Napi::Value waiting_bytes(const Napi::CallbackInfo& info) {
  int count = 0;
  check(::ioctl(arguments::int32(info[0]), FIONREAD, &count), "ioctl(FIONREAD)");
  return Napi::Number::New(info.Env(), count);
}

Napi::Value poll_in(const Napi::CallbackInfo& info) {
  std::vector<pollfd> polled;
  for (int fd : arguments::integers(info[0])) polled.push_back({fd, POLLIN, 0});
  Deadline deadline(arguments::int32(info[1]));
  check(retry([&] { return ::poll(polled.data(), polled.size(), deadline.poll_timeout()); }), "poll");
  Napi::Array ready = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (size_t i = 0; i < polled.size(); i++) {
    if (polled[i].revents & POLLNVAL) throw SystemError{EBADF, "poll", "", std::to_string(polled[i].fd)};
    if (polled[i].revents != 0) ready.Set(count++, static_cast<double>(i));
  }
  return ready;
}

}  // namespace

void add_descriptors(Napi::Object exports) {
  add<open_path>(exports, "open");
  add<open_directory>(exports, "openDirectory");
  add<open_no_link>(exports, "openNoLink");
  add<close_fd>(exports, "close");
  add<is_terminal>(exports, "isTerminal");
  add<terminal_size>(exports, "terminalSize");
  add<poll_in>(exports, "pollIn");
  add<waiting_bytes>(exports, "waitingBytes");
}

}  // namespace runts::addon
