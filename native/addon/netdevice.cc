/** Network interfaces that move into the container (config-linux.md, "Network Devices"), by rtnetlink(7). */
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "arguments.h"
#include "exports.h"
#include "fd.h"
#include "netlink.h"

namespace runts::addon {

namespace {

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

ifinfomsg link(int index) {
  ifinfomsg fixed = {};
  fixed.ifi_family = AF_UNSPEC;
  fixed.ifi_index = index;
  return fixed;
}

std::string with_nul(const std::string& text) {
  return text + '\0';
}

/** The interface's number; ENODEV when there is none of this name. */
int index_of(NetlinkSocket& socket, const std::string& name) {
  NetlinkRequest request(RTM_GETLINK, NLM_F_ACK, link(0));
  request.attribute(IFLA_IFNAME, with_nul(name));
  int index = 0;
  socket.ask(request, name, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWLINK) index = static_cast<const ifinfomsg*>(NLMSG_DATA(message))->ifi_index;
  });
  if (index == 0) throw SystemError{ENODEV, "rtnetlink", name, ""};
  return index;
}

void require_free(NetlinkSocket& socket, const std::string& name) {
  try {
    index_of(socket, name);
  } catch (const SystemError& error) {
    if (error.error == ENODEV) return;
    throw;
  }
  throw SystemError{EEXIST, "rtnetlink", name, ""};
}

/** The address of a message when it is one to keep: of this interface, permanent, of global scope. */
std::optional<Address> kept_address(const nlmsghdr* message, int index) {
  if (message->nlmsg_type != RTM_NEWADDR) return std::nullopt;
  const auto* fixed = static_cast<const ifaddrmsg*>(NLMSG_DATA(message));
  if (static_cast<int>(fixed->ifa_index) != index || fixed->ifa_scope != RT_SCOPE_UNIVERSE) return std::nullopt;
  Address address = {fixed->ifa_family, fixed->ifa_prefixlen, fixed->ifa_flags, "", "", ""};
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

std::vector<Address> kept_addresses(NetlinkSocket& socket, int index, const std::string& name) {
  NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  std::vector<Address> addresses;
  socket.ask(request, name, [&](const nlmsghdr* message) {
    if (auto address = kept_address(message, index)) addresses.push_back(*address);
  });
  return addresses;
}

void move(NetlinkSocket& socket, int index, const std::string& new_name, int target, const std::string& name) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK, link(index));
  request.attribute(IFLA_NET_NS_FD, static_cast<uint32_t>(target));
  request.attribute(IFLA_IFNAME, with_nul(new_name));
  socket.ask(request, name);
}

void give_address(NetlinkSocket& socket, int index, const Address& address, const std::string& name) {
  ifaddrmsg fixed = {};
  fixed.ifa_family = address.family;
  fixed.ifa_prefixlen = address.prefix_length;
  fixed.ifa_scope = RT_SCOPE_UNIVERSE;
  fixed.ifa_index = static_cast<uint32_t>(index);
  NetlinkRequest request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, fixed);
  if (!address.local.empty()) request.attribute(IFA_LOCAL, address.local);
  if (!address.address.empty()) request.attribute(IFA_ADDRESS, address.address);
  if (!address.broadcast.empty()) request.attribute(IFA_BROADCAST, address.broadcast);
  // The others (tentative, permanent, deprecated) say what became of an address, not what was asked for.
  request.attribute(IFA_FLAGS, address.flags & (IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_HOMEADDRESS));
  socket.ask(request, name);
}

void set_up(NetlinkSocket& socket, int index, const std::string& name) {
  ifinfomsg fixed = link(index);
  fixed.ifi_flags = IFF_UP;
  fixed.ifi_change = IFF_UP;
  NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK, fixed);
  socket.ask(request, name);
}

/** A netlink socket of another network namespace, made by a thread that enters it and is gone: the engine's never leave
 * theirs. */
NetlinkSocket socket_in(int target) {
  std::optional<NetlinkSocket> socket;
  std::exception_ptr failure;
  std::thread visitor([&] {
    try {
      check(setns(target, CLONE_NEWNET), "setns");
      socket.emplace();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  visitor.join();
  if (failure) std::rethrow_exception(failure);
  return std::move(*socket);
}

std::string interface_name(const Napi::Value& value) {
  std::string name = arguments::c_text(value);
  if (name.empty() || name.size() >= IFNAMSIZ) throw SystemError{EINVAL, "rtnetlink", name, ""};
  return name;
}

Napi::Value move_net_device(const Napi::CallbackInfo& info) {
  std::string name = interface_name(info[0]);
  std::string new_name = interface_name(info[1]);
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/ns/net", arguments::int32(info[2]));
  Fd target(check(::open(path, O_RDONLY | O_CLOEXEC), "open", path));
  NetlinkSocket here;
  int index = index_of(here, name);
  std::vector<Address> addresses = kept_addresses(here, index, name);
  // Before the move, so that nothing has happened yet when the target cannot be entered or has the name already.
  NetlinkSocket there = socket_in(target.get());
  require_free(there, new_name);
  move(here, index, new_name, target.get(), name);
  // The target may have had the number already, then the interface has got another one.
  int new_index = index_of(there, new_name);
  for (const Address& address : addresses) give_address(there, new_index, address, new_name);
  set_up(there, new_index, new_name);
  return info.Env().Undefined();
}

}  // namespace

void add_net_device(Napi::Object exports) {
  add<move_net_device>(exports, "moveNetDevice");
}

}  // namespace runts::addon
