/** Console sockets and seccomp agents: descriptors for a listening unix socket. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "arguments.h"
#include "exports.h"
#include "rights.h"

namespace runts::addon {

namespace {

/** Seconds that a listener with a full backlog, or one that does not read, may keep us. */
constexpr time_t SEND_TIMEOUT = 10;

/** An address that reaches the socket at `path` whatever its length: sun_path ends at 108 bytes, an O_PATH descriptor's
 * name does not. */
sockaddr_un address_of(const std::string& path, Fd* holder) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() < sizeof address.sun_path) {
    path.copy(address.sun_path, path.size());
    return address;
  }
  *holder = Fd(check(::open(path.c_str(), O_PATH | O_CLOEXEC), "open", path.c_str()));
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", holder->get());
  return address;
}

Fd connect_to(const std::string& path) {
  Fd socket(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  timeval timeout = {SEND_TIMEOUT, 0};
  check(setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), "setsockopt");
  Fd holder;
  sockaddr_un address = address_of(path, &holder);
  check(retry([&] { return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }),
        "connect", path.c_str());
  return socket;
}

Napi::Value send_descriptors(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string text = arguments::text(info[1]);
  std::vector<int> fds = arguments::integers(info[2]);
  // An empty path would bind nothing, and a stream carries descriptors only along with a byte.
  if (path.empty()) throw SystemError{ENOENT, "connect", "", ""};
  if (text.empty()) text.push_back('\0');
  Fd socket = connect_to(path);
  size_t done = send_with_rights(socket.get(), text.data(), text.size(), fds);
  while (done < text.size()) done += send_with_rights(socket.get(), text.data() + done, text.size() - done, {});
  return info.Env().Undefined();
}

}  // namespace

void add_sockets(Napi::Object exports) {
  add<send_descriptors>(exports, "sendDescriptors");
}

}  // namespace runts::addon
