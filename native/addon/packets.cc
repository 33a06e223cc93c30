/** Connections that keep packets apart, with descriptors: to a program that serves one caller. */
#include <sys/socket.h>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"
#include "rights.h"

namespace runts::addon {

namespace {

Napi::Value packet_pair(const Napi::CallbackInfo& info) {
  int ends[2];
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  for (uint32_t end = 0; end < 2; end++) result.Set(end, ends[end]);
  return result;
}

Napi::Value next_packet(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const int socket = arguments::int32(info[0]);
  const int64_t timeout = arguments::int64(info[2]);
  if (timeout >= 0) wait_readable(socket, timeout);
  Message message = receive_packet(socket, arguments::uint32(info[1]));
  if (message.bytes.empty()) return env.Null();
  auto bytes = Napi::Uint8Array::New(env, message.bytes.size());
  message.bytes.copy(reinterpret_cast<char*>(bytes.Data()), bytes.ByteLength());
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", bytes);
  result.Set("fds", hand_over(env, message.fds));
  return result;
}

}  // namespace

void add_packets(Napi::Object exports) {
  add<packet_pair>(exports, "packetPair");
  add<next_packet>(exports, "receivePacket");
}

}  // namespace runts::addon
