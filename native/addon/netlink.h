#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <string>

#include "../core/fd.h"

namespace runts::addon {

/** A request of rtnetlink(7): a header, the fixed struct of its type, then attributes. */
class NetlinkRequest {
 public:
  /** `fixed` is ifinfomsg or ifaddrmsg. */
  template <class Fixed>
  NetlinkRequest(uint16_t type, uint16_t flags, const Fixed& fixed) {
    nlmsghdr header = {};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
    append(&header, sizeof header);
    append(&fixed, sizeof fixed);
  }

  void attribute(uint16_t type, const void* value, size_t size);
  void attribute(uint16_t type, const std::string& value) { attribute(type, value.data(), value.size()); }
  void attribute(uint16_t type, uint32_t value) { attribute(type, &value, sizeof value); }

  /** The bytes to send, with the length filled in. */
  const std::string& finish();

 private:
  void append(const void* bytes, size_t size);

  std::string bytes_;
};

/** A NETLINK_ROUTE socket of the calling thread's network namespace. */
class NetlinkSocket {
 public:
  /** Throws SystemError. */
  NetlinkSocket();

  /**
   * Sends a request and hands each message of the reply to `take` until the acknowledgement or the end of the dump.
   * Throws SystemError with `subject` as its path.
   */
  void ask(
      NetlinkRequest& request, const std::string& subject,
      const std::function<void(const nlmsghdr*)>& take = [](const nlmsghdr*) {});

 private:
  bool read_reply(const std::string& subject, const std::function<void(const nlmsghdr*)>& take);

  Fd socket_;
};

}  // namespace runts::addon
