/** sd_notify(3): datagram sockets with a name, and the pipe of its barrier. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"
#include "rights.h"
#include "socket_address.h"

namespace runts::addon {

namespace {

Fd datagram_socket() {
  return Fd(check(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
}

Napi::Value bind_datagram(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  Fd socket = datagram_socket();
  Fd holder;
  SocketAddress address = new_socket_address(path, &holder);
  check(::bind(socket.get(), address.get(), address.size), "bind", path.c_str());
  check(::chmod(path.c_str(), arguments::uint32(info[1])), "chmod", path.c_str());
  return Napi::Number::New(info.Env(), socket.release());
}

Napi::Value receive_datagram(const Napi::CallbackInfo& info) {
  std::string text(arguments::uint32(info[1]), '\0');
  long size = retry([&] { return ::recv(arguments::int32(info[0]), text.data(), text.size(), MSG_DONTWAIT); });
  if (size < 0 && errno == EAGAIN) return info.Env().Null();
  check(size, "recv");
  text.resize(static_cast<size_t>(size));
  return Napi::String::New(info.Env(), text);
}

Napi::Value send_datagram(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string text = arguments::text(info[1]);
  if (path.empty()) throw SystemError{ENOENT, "connect", "", ""};
  Fd socket = datagram_socket();
  Fd holder;
  SocketAddress address = socket_address(path, &holder);
  check(retry([&] { return ::connect(socket.get(), address.get(), address.size); }), "connect", path.c_str());
  send_with_rights(socket.get(), text.data(), text.size(), arguments::integers(info[2]));
  return info.Env().Undefined();
}

Napi::Value make_pipe(const Napi::CallbackInfo& info) {
  int ends[2];
  check(pipe2(ends, O_CLOEXEC), "pipe2");
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  for (uint32_t end = 0; end < 2; end++) result.Set(end, ends[end]);
  return result;
}

}  // namespace

void add_datagrams(Napi::Object exports) {
  add<bind_datagram>(exports, "bindDatagram");
  add<receive_datagram>(exports, "receiveDatagram");
  add<send_datagram>(exports, "sendDatagram");
  add<make_pipe>(exports, "pipe");
}

}  // namespace runts::addon
