#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "../core/fd.h"

namespace runts::addon {

struct SocketAddress {
  sockaddr_un name;
  socklen_t size;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

/**
 * An address that reaches the socket at `path` whatever its length: sun_path ends at 108 bytes, an O_PATH descriptor's
 * name, which `holder` keeps, does not. A leading "@" means the abstract namespace (unix(7)). Throws SystemError.
 */
SocketAddress socket_address(const std::string& path, Fd* holder);

/** The same for a socket that is to be made: `holder` keeps its directory. */
SocketAddress new_socket_address(const std::string& path, Fd* holder);

}  // namespace runts::addon
