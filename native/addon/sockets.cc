/** Console sockets and seccomp agents: descriptors for a listening unix socket. */
#include <sys/socket.h>

#include "arguments.h"
#include "exports.h"
#include "rights.h"
#include "socket_address.h"

namespace runts::addon {

namespace {

/** Seconds that a listener with a full backlog, or one that does not read, may keep us. */
constexpr time_t SEND_TIMEOUT = 10;

Fd connect_to(const std::string& path) {
  Fd socket(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  timeval timeout = {SEND_TIMEOUT, 0};
  check(setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), "setsockopt");
  Fd holder;
  SocketAddress address = socket_address(path, &holder);
  check(retry([&] { return ::connect(socket.get(), address.get(), address.size); }), "connect", path.c_str());
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
