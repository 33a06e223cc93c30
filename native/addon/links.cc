#include "links.h"

#include <linux/if_addr.h>
#include <net/if.h>
#include <string.h>

#include <optional>

#include "error.h"

namespace runts::addon {

namespace {

/** The struct that a message of a type begins with. */
template <class Fixed>
Fixed fixed_part(const nlmsghdr* message) {
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof(Fixed))) throw SystemError{EBADMSG, "rtnetlink", "", ""};
  Fixed fixed;
  memcpy(&fixed, NLMSG_DATA(message), sizeof fixed);
  return fixed;
}

/** Runs `read` on each attribute behind the fixed struct of a message. */
template <class Fixed, class Read>
void each_attribute(const nlmsghdr* message, Read read) {
  const char* start = static_cast<const char*>(NLMSG_DATA(message)) + NLMSG_ALIGN(sizeof(Fixed));
  auto rest = static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(sizeof(Fixed))));
  const auto* attribute = reinterpret_cast<const rtattr*>(start);
  for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
    read(attribute->rta_type, std::string(static_cast<const char*>(RTA_DATA(attribute)), RTA_PAYLOAD(attribute)));
  }
}

Link link_of(const nlmsghdr* message) {
  const auto fixed = fixed_part<ifinfomsg>(message);
  Link found = {fixed.ifi_index, (fixed.ifi_flags & IFF_UP) != 0, "", ""};
  each_attribute<ifinfomsg>(message, [&](int type, const std::string& value) {
    if (type == IFLA_IFNAME) found.name = value.c_str();
    if (type == IFLA_ADDRESS) found.address = value;
  });
  return found;
}

/** The address of a message when it is one to keep: of this interface, permanent, of global scope. */
std::optional<Address> kept_address(const nlmsghdr* message, int index) {
  if (message->nlmsg_type != RTM_NEWADDR) return std::nullopt;
  const auto fixed = fixed_part<ifaddrmsg>(message);
  if (static_cast<int>(fixed.ifa_index) != index || fixed.ifa_scope != RT_SCOPE_UNIVERSE) return std::nullopt;
  Address address = {fixed.ifa_family, fixed.ifa_prefixlen, fixed.ifa_flags, "", "", ""};
  each_attribute<ifaddrmsg>(message, [&](int type, const std::string& value) {
    if (type == IFA_LOCAL) address.local = value;
    if (type == IFA_ADDRESS) address.address = value;
    if (type == IFA_BROADCAST) address.broadcast = value;
    if (type == IFA_FLAGS && value.size() == sizeof address.flags) {
      memcpy(&address.flags, value.data(), sizeof address.flags);
    }
  });
  if ((address.flags & IFA_F_PERMANENT) == 0) return std::nullopt;
  return address;
}

}  // namespace

ifinfomsg link(int index) {
  ifinfomsg fixed = {};
  fixed.ifi_family = AF_UNSPEC;
  fixed.ifi_index = index;
  return fixed;
}

std::string with_nul(const std::string& text) {
  return text + '\0';
}

Link link_named(NetlinkSocket& socket, const std::string& name) {
  NetlinkRequest request(RTM_GETLINK, NLM_F_ACK, link(0));
  request.attribute(IFLA_IFNAME, with_nul(name));
  std::optional<Link> found;
  socket.ask(request, name, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWLINK) found = link_of(message);
  });
  if (!found) throw SystemError{ENODEV, "rtnetlink", name, ""};
  return *found;
}

std::vector<Link> all_links(NetlinkSocket& socket, const std::string& subject) {
  NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP, link(0));
  std::vector<Link> links;
  socket.ask(request, subject, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWLINK) links.push_back(link_of(message));
  });
  return links;
}

std::vector<Address> kept_addresses(NetlinkSocket& socket, int index, const std::string& name) {
  NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  std::vector<Address> addresses;
  socket.ask(request, name, [&](const nlmsghdr* message) {
    if (auto address = kept_address(message, index)) addresses.push_back(*address);
  });
  return addresses;
}

}  // namespace runts::addon
