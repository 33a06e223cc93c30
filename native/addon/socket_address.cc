#include "socket_address.h"

#include <fcntl.h>
#include <stddef.h>

#include "error.h"

namespace runts::addon {

namespace {

SocketAddress address_of(const std::string& path) {
  SocketAddress address = {};
  address.name.sun_family = AF_UNIX;
  address.size = sizeof address.name;
  path.copy(address.name.sun_path, path.size());
  return address;
}

bool fits(const std::string& path) {
  return path.size() < sizeof sockaddr_un::sun_path;
}

std::string held(const std::string& path, int flags, Fd* holder) {
  *holder = Fd(check(::open(path.c_str(), O_PATH | O_CLOEXEC | flags), "open", path.c_str()));
  return "/proc/self/fd/" + std::to_string(holder->get());
}

}  // namespace

SocketAddress socket_address(const std::string& path, Fd* holder) {
  if (path[0] == '@' && fits(path)) {
    SocketAddress address = address_of(path);
    address.name.sun_path[0] = '\0';
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return address;
  }
  return address_of(fits(path) ? path : held(path, 0, holder));
}

SocketAddress new_socket_address(const std::string& path, Fd* holder) {
  if (fits(path)) return address_of(path);
  size_t slash = path.rfind('/');
  std::string name = held(path.substr(0, slash), O_DIRECTORY, holder) + path.substr(slash);
  if (!fits(name)) throw SystemError{ENAMETOOLONG, "bind", path, ""};
  return address_of(name);
}

}  // namespace runts::addon
