#pragma once

#include <linux/rtnetlink.h>

#include <cstdint>
#include <string>
#include <vector>

#include "netlink.h"

/** What the kernel says of network interfaces (rtnetlink(7)). All throw SystemError, EBADMSG for what is no message of
 * theirs. */
namespace runts::addon {

/** An address as it was on the interface, to be given to it again: the kernel drops addresses when an interface moves.
 */
struct Address {
  uint8_t family;
  uint8_t prefix_length;
  uint32_t flags;
  std::string local;
  std::string address;
  std::string broadcast;
};

/** An interface as RTM_GETLINK shows it. */
struct Link {
  int index;
  bool up;
  std::string name;
  /** Hardware address, which moves with it; empty where the kind has none. */
  std::string address;
};

/** What a request about an interface begins with; 0: about one by its name, or all. */
ifinfomsg link(int index);

/** As the kernel wants texts. */
std::string with_nul(const std::string& text);

/** The interface of this name; ENODEV when there is none. */
Link link_named(NetlinkSocket& socket, const std::string& name);

std::vector<Link> all_links(NetlinkSocket& socket, const std::string& subject);

/** The addresses to keep of an interface: permanent ones of global scope. */
std::vector<Address> kept_addresses(NetlinkSocket& socket, int index, const std::string& name);

}  // namespace runts::addon
