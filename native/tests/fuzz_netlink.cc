// Entry point for a coverage-guided fuzzer: replies of rtnetlink(7), the messages in them and their attributes as they
// are read. A byte of the input says how long each datagram is.

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

// The socket is its own alone.
#define private public
#include "../addon/netlink.h"
#undef private
#include "../addon/links.cc"
#include "../addon/netlink.cc"

using namespace runts::addon;

namespace runts::addon {

[[noreturn]] void fail(const char* syscall, const char* path) {
  throw SystemError{errno, syscall, path == nullptr ? "" : path, ""};
}

}  // namespace runts::addon

namespace {

/** A socket without its constructor, which asks for one of the kernel. */
struct Ends {
  int ours = -1;
  NetlinkSocket socket;

  Ends() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) __builtin_trap();
    ours = ends[0];
    socket.socket_.reset(ends[1]);
  }
  ~Ends() { close(ours); }
};

/** A copy of exactly its size, so that the sanitizer sees what lies outside. */
void read_message(const nlmsghdr* message) {
  std::vector<nlmsghdr> copy((message->nlmsg_len + sizeof(nlmsghdr) - 1) / sizeof(nlmsghdr));
  const size_t before = copy.size() * sizeof(nlmsghdr) - NLMSG_ALIGN(message->nlmsg_len);
  char* start = reinterpret_cast<char*>(copy.data()) + before;
  memcpy(start, message, message->nlmsg_len);
  const auto* exact = reinterpret_cast<const nlmsghdr*>(start);
  if (exact->nlmsg_type == RTM_NEWLINK && link_of(exact).name.size() > exact->nlmsg_len) __builtin_trap();
  kept_address(exact, 7);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  Ends ends;
  for (size_t at = 0; at < size;) {
    const size_t length = std::min<size_t>(4 * bytes[at] + 1, size - at - 1);
    if (send(ends.ours, bytes + at + 1, length, 0) < 0) break;
    at += 1 + length;
  }
  try {
    while (!ends.socket.read_reply("fuzzed", read_message)) continue;
  } catch (const SystemError&) {
    // Such a reply is refused, or another one is waited for.
  }
  return 0;
}
