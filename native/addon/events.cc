/** The runtime's side of the event socket: what init reports, and the answers at its sync points. */
#include <string.h>

#include <cstdint>
#include <string>

#include "../core/messages.gen.h"
#include "arguments.h"
#include "exports.h"
#include "rights.h"

namespace runts::addon {

namespace {

constexpr size_t MOST_EVENT_BYTES = sizeof(EventHeader) + EVENT_TEXT_SIZE;

Message next_message(int socket) {
  try {
    return receive_packet(socket, MOST_EVENT_BYTES);
  } catch (const SystemError& error) {
    // SO_RCVTIMEO.
    if (error.error == EAGAIN) throw SystemError{ETIMEDOUT, "recvmsg", "", ""};
    throw;
  }
}

Napi::Array split_text(Napi::Env env, const char* text, size_t size) {
  Napi::Array parts = Napi::Array::New(env);
  uint32_t count = 0;
  for (size_t start = 0; start < size;) {
    size_t length = strnlen(text + start, size - start);
    parts.Set(count++, Napi::String::New(env, text + start, length));
    start += length + 1;
  }
  return parts;
}

Napi::Value receive_event(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int socket = arguments::int32(info[0]);
  int64_t timeout = arguments::int64(info[1]);
  if (timeout >= 0) wait_readable(socket, timeout);
  Message message = next_message(socket);
  if (message.bytes.empty()) return env.Null();
  EventHeader header;
  if (message.bytes.size() < sizeof header) throw SystemError{EBADMSG, "recvmsg", "", ""};
  memcpy(&header, message.bytes.data(), sizeof header);
  Napi::Object event = Napi::Object::New(env);
  event.Set("kind", static_cast<double>(header.kind));
  event.Set("step", static_cast<double>(header.step));
  event.Set("errno", header.error);
  event.Set("value", static_cast<double>(header.value));
  event.Set("text", split_text(env, message.bytes.data() + sizeof header, message.bytes.size() - sizeof header));
  event.Set("fds", hand_over(env, message.fds));
  return event;
}

Napi::Value answer(const Napi::CallbackInfo& info) {
  int socket = arguments::int32(info[0]);
  std::vector<int> slots = arguments::integers(info[1]);
  std::vector<int> fds = arguments::integers(info[2]);
  if (slots.size() != fds.size()) throw SystemError{EINVAL, "sendmsg", "", "as many slots as descriptors"};
  const AnswerHeader header = {0, static_cast<uint32_t>(slots.size())};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(slots.data()), slots.size() * sizeof(int));
  send_with_rights(socket, bytes.data(), bytes.size(), fds);
  return info.Env().Undefined();
}

}  // namespace

void add_events(Napi::Object exports) {
  add<receive_event>(exports, "receiveEvent");
  add<answer>(exports, "answer");
}

}  // namespace runts::addon
