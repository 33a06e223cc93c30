#pragma once

#include <napi.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../core/fd.h"

/** Messages with file descriptors (SCM_RIGHTS, unix(7)). */
namespace runts::addon {

/** Sends bytes and descriptors in one message; returns how many bytes went out. Throws SystemError. */
size_t send_with_rights(int socket, const void* bytes, size_t size, const std::vector<int>& fds);

struct Message {
  std::string bytes;
  /** Close-on-exec. */
  std::vector<Fd> fds;
};

/** Waits for a message, or the end of file. Throws SystemError ETIMEDOUT when the milliseconds are over. */
void wait_readable(int socket, int64_t milliseconds);

/** The numbers of descriptors, which are the caller's from now on. */
Napi::Array hand_over(Napi::Env env, std::vector<Fd>& fds);

/** Receives one message of at most `limit` bytes; `bytes` is empty at the end of file. Throws SystemError. */
Message receive_with_rights(int socket, size_t limit);

/** The same from a connection that keeps packets apart. Throws SystemError. */
Message receive_packet(int socket, size_t limit);

}  // namespace runts::addon
