/** Unix stream sockets: descriptors for console sockets and seccomp agents, bytes to and from a message bus. */
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

void send_all(int socket, const std::string& content, const std::vector<int>& fds) {
  size_t done = send_with_rights(socket, content.data(), content.size(), fds);
  while (done < content.size()) done += send_with_rights(socket, content.data() + done, content.size() - done, {});
}

Napi::Value send_descriptors(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string text = arguments::text(info[1]);
  std::vector<int> fds = arguments::integers(info[2]);
  // An empty path would bind nothing, and a stream carries descriptors only along with a byte.
  if (path.empty()) throw SystemError{ENOENT, "connect", "", ""};
  if (text.empty()) text.push_back('\0');
  Fd socket = connect_to(path);
  send_all(socket.get(), text, fds);
  return info.Env().Undefined();
}

Napi::Value connect_stream(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  if (path.empty()) throw SystemError{ENOENT, "connect", "", ""};
  return Napi::Number::New(info.Env(), connect_to(path).release());
}

Napi::Value send_bytes(const Napi::CallbackInfo& info) {
  send_all(arguments::int32(info[0]), arguments::bytes(info[1]), {});
  return info.Env().Undefined();
}

Napi::Value receive_bytes(const Napi::CallbackInfo& info) {
  std::string bytes(arguments::uint32(info[1]), '\0');
  long size = retry([&] { return ::recv(arguments::int32(info[0]), bytes.data(), bytes.size(), MSG_DONTWAIT); });
  if (size < 0 && errno == EAGAIN) return info.Env().Null();
  check(size, "recv");
  auto result = Napi::Uint8Array::New(info.Env(), static_cast<size_t>(size));
  bytes.copy(reinterpret_cast<char*>(result.Data()), result.ByteLength());
  return result;
}

}  // namespace

void add_sockets(Napi::Object exports) {
  add<send_descriptors>(exports, "sendDescriptors");
  add<connect_stream>(exports, "connectStream");
  add<send_bytes>(exports, "sendBytes");
  add<receive_bytes>(exports, "receiveBytes");
}

}  // namespace runts::addon
