#include "rights.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "../core/messages.gen.h"
#include "deadline.h"
#include "error.h"

namespace runts::addon {

namespace {

/** Room for the control message, aligned as the kernel wants it. */
union Control {
  cmsghdr alignment;
  char bytes[CMSG_SPACE(MOST_RIGHTS * sizeof(int))];
};

msghdr header(iovec* content, Control* control, size_t control_size) {
  msghdr message = {};
  message.msg_iov = content;
  message.msg_iovlen = 1;
  if (control_size != 0) {
    message.msg_control = control->bytes;
    message.msg_controllen = control_size;
  }
  return message;
}

std::vector<Fd> take_rights(msghdr* message) {
  std::vector<Fd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(message); part != nullptr; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

size_t send_with_rights(int socket, const void* bytes, size_t size, const std::vector<int>& fds) {
  if (fds.size() > MOST_RIGHTS) throw SystemError{E2BIG, "sendmsg", "", ""};
  Control control = {};
  iovec content = {const_cast<void*>(bytes), size};
  msghdr message = header(&content, &control, fds.empty() ? 0 : CMSG_SPACE(fds.size() * sizeof(int)));
  if (!fds.empty()) {
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    memcpy(CMSG_DATA(part), fds.data(), fds.size() * sizeof(int));
  }
  return static_cast<size_t>(check(retry([&] { return ::sendmsg(socket, &message, MSG_NOSIGNAL); }), "sendmsg"));
}

Message receive_with_rights(int socket, size_t limit) {
  Message result;
  result.bytes.resize(limit);
  Control control = {};
  iovec content = {result.bytes.data(), limit};
  msghdr message = header(&content, &control, sizeof control.bytes);
  long size = check(retry([&] { return ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC); }), "recvmsg");
  result.fds = take_rights(&message);
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) throw SystemError{EMSGSIZE, "recvmsg", "", ""};
  result.bytes.resize(static_cast<size_t>(size));
  return result;
}

Napi::Array hand_over(Napi::Env env, std::vector<Fd>& fds) {
  Napi::Array result = Napi::Array::New(env, fds.size());
  for (uint32_t i = 0; i < fds.size(); i++) result.Set(i, fds[i].get());
  for (Fd& fd : fds) fd.release();
  return result;
}

void wait_readable(int socket, int64_t milliseconds) {
  Deadline deadline(milliseconds);
  pollfd polled = {socket, POLLIN, 0};
  long ready = check(retry([&] { return ::poll(&polled, 1, deadline.poll_timeout()); }), "poll");
  if (ready == 0) throw SystemError{ETIMEDOUT, "poll", "", ""};
}

Message receive_packet(int socket, size_t limit) {
  try {
    return receive_with_rights(socket, limit);
  } catch (const SystemError& error) {
    if (error.error != ECONNRESET) throw;
    // The peer ended with something of ours unread. That is said once, ahead of what it had sent before.
    return receive_with_rights(socket, limit);
  }
}

}  // namespace runts::addon
