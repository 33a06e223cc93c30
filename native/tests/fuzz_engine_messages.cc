// Messages as a stranger may send them in place of init. Of each the input says with how many descriptors it comes, and
// how long it is.
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "fuzz_engine.h"

namespace {

constexpr size_t MOST_DESCRIPTORS = 40;

bool send_message(int socket, std::string_view content, size_t descriptors) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)] = {};
  iovec vector = {const_cast<char*>(content.data()), content.size()};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (descriptors > 0) {
    const int some = STDIN_FILENO;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    *header = {CMSG_LEN(sizeof(int) * descriptors), SOL_SOCKET, SCM_RIGHTS};
    for (size_t i = 0; i < descriptors; i++) memcpy(CMSG_DATA(header) + i * sizeof(int), &some, sizeof(int));
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

}  // namespace

JSValue make_messages(JSContext* context, JSValue, int, JSValue* values) {
  size_t size = 0;
  size_t offset = 0;
  size_t whole = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(context, values[0], &offset, &size, nullptr);
  const uint8_t* bytes = JS_GetArrayBuffer(context, &whole, buffer) + offset;
  JS_FreeValue(context, buffer);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) __builtin_trap();
  Input input = {bytes, bytes + size};
  for (bool sent = true; sent && !input.empty();) {
    // Mostly none or one.
    const size_t first = input.byte();
    const size_t descriptors = first < 200 ? first % 2 : first % (MOST_DESCRIPTORS + 1);
    const size_t low = input.byte();
    const size_t length = std::min<size_t>(low + 256 * (input.byte() % 17), static_cast<size_t>(input.end - input.at));
    sent = send_message(ends[0], {reinterpret_cast<const char*>(input.at), length}, descriptors);
    input.at += length;
  }
  close(ends[0]);
  return JS_NewInt32(context, ends[1]);
}
