// Entry point for a coverage-guided fuzzer: what init takes for the runtime's answers, with as many descriptors as the
// first byte says.

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../init/context.h"
#include "../init/messages.h"

using namespace runts;

namespace {

constexpr size_t MOST_DESCRIPTORS = 40;

void send_all(int socket, const u8* bytes, size_t size, size_t descriptors) {
  union {
    cmsghdr header;
    char room[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)];
  } control = {};
  iovec vector = {const_cast<u8*>(bytes), size};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (descriptors > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors);
    control.header = {CMSG_LEN(sizeof(int) * descriptors), SOL_SOCKET, SCM_RIGHTS};
    for (size_t i = 0; i < descriptors; i++) memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &socket, sizeof(int));
  }
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* bytes, size_t size) {
  if (size < 2 || size > 4096) return 0;
  const size_t descriptors = bytes[0] % (MOST_DESCRIPTORS + 1);
  // An answer that says that the runtime has failed ends the process.
  u8 answer[4096] = {};
  memcpy(answer, bytes + 1, size - 1);
  memset(answer, 0, size - 1 < 4 ? size - 1 : 4);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) __builtin_trap();
  send_all(ends[0], answer, size - 1, descriptors);
  Context context = {};
  for (int& slot : context.slots) slot = -1;
  context.socket = ends[1];
  context.fifo = context.gate = -1;
  const Result result = receive_answer(context);
  int filled = 0;
  for (int slot : context.slots) filled += slot >= 0;
  if (filled > static_cast<int>(descriptors)) __builtin_trap();
  context.close_slots();
  close(ends[0]);
  close(ends[1]);
  // Whatever came with a message that was refused is of this process alone.
  if (!result.ok()) closefrom(3);
  return 0;
}
