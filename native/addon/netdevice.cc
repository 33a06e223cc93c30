/** Network interfaces that move into the container (config-linux.md, "Network Devices"), by rtnetlink(7). */
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"
#include "links.h"

namespace runts::addon {

namespace {

/** Whether a name may come from a template ("eth%d"). */
bool fits(const std::string& name, const std::string& wanted) {
  size_t mark = wanted.find("%d");
  if (mark == std::string::npos) return name == wanted;
  return name.size() > wanted.size() - 2 && name.compare(0, mark, wanted, 0, mark) == 0;
}

/**
 * The interface that has just come as `name` or from a template: the one of that name and with its own hardware address
 * that was not there before. Its number may be another one, and so may that of what somebody else makes at the same
 * time.
 */
Link newcomer(NetlinkSocket& socket, const std::vector<Link>& before, const Link& moved, const std::string& name) {
  for (const Link& candidate : all_links(socket, name)) {
    bool known =
        std::any_of(before.begin(), before.end(), [&](const Link& old) { return old.index == candidate.index; });
    if (!known && fits(candidate.name, name) && candidate.address == moved.address) return candidate;
  }
  throw SystemError{ENODEV, "rtnetlink", name, ""};
}

void require_free(NetlinkSocket& socket, const std::string& name) {
  try {
    link_named(socket, name);
  } catch (const SystemError& error) {
    if (error.error == ENODEV) return;
    throw;
  }
  throw SystemError{EEXIST, "rtnetlink", name, ""};
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

/** A network namespace and a socket that lives in it. */
struct NetworkNamespace {
  Fd file;
  NetlinkSocket socket;
};

NetworkNamespace own_namespace() {
  const char* path = "/proc/thread-self/ns/net";
  return {Fd(check(::open(path, O_RDONLY | O_CLOEXEC), "open", path)), NetlinkSocket()};
}

NetworkNamespace namespace_at(const std::string& path) {
  Fd file(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open", path.c_str()));
  NetlinkSocket socket = socket_in(file.get());
  return {std::move(file), std::move(socket)};
}

void finish_move(NetlinkSocket& socket, const Link& moved, const std::vector<Address>& addresses, bool up) {
  for (const Address& address : addresses) give_address(socket, moved.index, address, moved.name);
  if (up) set_up(socket, moved.index, moved.name);
}

/**
 * Moves an interface with its addresses, and moves it back when that fails half-way.
 * @returns it as it is in the other namespace
 */
Link transfer(NetworkNamespace& from, NetworkNamespace& to, const std::string& name, const std::string& new_name,
              bool up) {
  const Link old = link_named(from.socket, name);
  const std::vector<Address> addresses = kept_addresses(from.socket, old.index, name);
  // Before the move, so that nothing has happened yet when the target has the name already.
  require_free(to.socket, new_name);
  const std::vector<Link> before = all_links(to.socket, new_name);
  move(from.socket, old.index, new_name, to.file.get(), name);
  Link moved = newcomer(to.socket, before, old, new_name);
  try {
    finish_move(to.socket, moved, addresses, up);
  } catch (const SystemError&) {
    const std::vector<Link> left = all_links(from.socket, name);
    move(to.socket, moved.index, name, from.file.get(), moved.name);
    finish_move(from.socket, newcomer(from.socket, left, old, name), addresses, old.up);
    throw;
  }
  return moved;
}

Napi::Value net_device(const Napi::CallbackInfo& info) {
  NetlinkSocket socket;
  Link found = link_named(socket, interface_name(info[0]));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("index", found.index);
  result.Set("up", found.up);
  return result;
}

Napi::Value move_net_device(const Napi::CallbackInfo& info) {
  std::string name = interface_name(info[0]);
  std::string new_name = interface_name(info[1]);
  NetworkNamespace target = namespace_at("/proc/" + std::to_string(arguments::int32(info[2])) + "/ns/net");
  NetworkNamespace own = own_namespace();
  return Napi::String::New(info.Env(), transfer(own, target, name, new_name, true).name);
}

Napi::Value return_net_device(const Napi::CallbackInfo& info) {
  std::string name = interface_name(info[0]);
  std::string new_name = interface_name(info[1]);
  NetworkNamespace target = namespace_at("/proc/self/fd/" + std::to_string(arguments::int32(info[2])));
  bool up = arguments::boolean(info[3]);
  NetworkNamespace own = own_namespace();
  transfer(target, own, name, new_name, up);
  return info.Env().Undefined();
}

}  // namespace

void add_net_device(Napi::Object exports) {
  add<net_device>(exports, "netDevice");
  add<move_net_device>(exports, "moveNetDevice");
  add<return_net_device>(exports, "returnNetDevice");
}

}  // namespace runts::addon
