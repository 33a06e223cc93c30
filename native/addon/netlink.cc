#include "netlink.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <vector>

#include "error.h"

namespace runts::addon {

namespace {

/** The kernel's own limit of errnos (MAX_ERRNO). */
constexpr int MOST_ERRNO = 4095;

}  // namespace

void NetlinkRequest::append(const void* bytes, size_t size) {
  bytes_.append(static_cast<const char*>(bytes), size);
  bytes_.resize(NLMSG_ALIGN(bytes_.size()), '\0');
}

void NetlinkRequest::attribute(uint16_t type, const void* value, size_t size) {
  rtattr header = {};
  header.rta_len = static_cast<uint16_t>(RTA_LENGTH(size));
  header.rta_type = type;
  append(&header, sizeof header);
  append(value, size);
}

const std::string& NetlinkRequest::finish() {
  uint32_t size = static_cast<uint32_t>(bytes_.size());
  memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &size, sizeof size);
  return bytes_;
}

NetlinkSocket::NetlinkSocket()
    : socket_(check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket")) {}

void NetlinkSocket::ask(NetlinkRequest& request, const std::string& subject,
                        const std::function<void(const nlmsghdr*)>& take) {
  const std::string& bytes = request.finish();
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  check(retry([&] {
          return ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
                          sizeof kernel);
        }),
        "sendto", subject.c_str());
  while (!read_reply(subject, take)) continue;
}

/** One datagram of the reply; true when it was the last. */
bool NetlinkSocket::read_reply(const std::string& subject, const std::function<void(const nlmsghdr*)>& take) {
  // A dump's datagrams are no longer than the buffer they are read with, from this size on.
  std::vector<nlmsghdr> buffer(32 * 1024 / sizeof(nlmsghdr));
  size_t capacity = buffer.size() * sizeof(nlmsghdr);
  long size = check(retry([&] { return ::recv(socket_.get(), buffer.data(), capacity, 0); }), "recv", subject.c_str());
  auto rest = static_cast<uint32_t>(size);
  for (const nlmsghdr* message = buffer.data(); NLMSG_OK(message, rest); message = NLMSG_NEXT(message, rest)) {
    if (message->nlmsg_type == NLMSG_DONE) return true;
    if (message->nlmsg_type == NLMSG_ERROR) {
      int outcome = 0;
      if (message->nlmsg_len < NLMSG_LENGTH(sizeof outcome)) throw SystemError{EBADMSG, "rtnetlink", subject, ""};
      memcpy(&outcome, NLMSG_DATA(message), sizeof outcome);
      if (outcome > 0 || outcome < -MOST_ERRNO) throw SystemError{EBADMSG, "rtnetlink", subject, ""};
      if (outcome != 0) throw SystemError{-outcome, "rtnetlink", subject, ""};
      return true;
    }
    take(message);
  }
  return false;
}

}  // namespace runts::addon
