/** Waiting for what cgroup files tell: poll(2) for changes, eventfd(2) as cgroup v1 wants one. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "arguments.h"
#include "deadline.h"
#include "exports.h"

namespace runts::addon {

namespace {

/** Indexes of the descriptors that poll(2) has something to say of. */
Napi::Array ready(Napi::Env env, const std::vector<pollfd>& polled) {
  Napi::Array indexes = Napi::Array::New(env);
  for (uint32_t index = 0; index < polled.size(); index++)
    if (polled[index].revents != 0) indexes.Set(indexes.Length(), index);
  return indexes;
}

/** A changed cgroup file is POLLPRI: POLLIN is always there, as such a file can always be read. */
Napi::Value poll_change(const Napi::CallbackInfo& info) {
  std::vector<pollfd> polled;
  for (int fd : arguments::integers(info[0])) polled.push_back({fd, POLLIN, 0});
  for (int fd : arguments::integers(info[1])) polled.push_back({fd, POLLPRI, 0});
  if (!info[3].IsUndefined()) {
    for (int fd : arguments::integers(info[3])) polled.push_back({fd, POLLOUT, 0});
  }
  Deadline deadline(arguments::int64(info[2]));
  long found = retry([&] { return ::poll(polled.data(), polled.size(), deadline.poll_timeout()); });
  check(found, "poll");
  return ready(info.Env(), polled);
}

Napi::Value event_fd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
}

Napi::Value take_events(const Napi::CallbackInfo& info) {
  uint64_t count = 0;
  if (::read(arguments::int32(info[0]), &count, sizeof count) < 0 && errno != EAGAIN) fail("read");
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

}  // namespace

void add_watch(Napi::Object exports) {
  add<poll_change>(exports, "pollChange");
  add<event_fd>(exports, "eventFd");
  add<take_events>(exports, "takeEvents");
}

}  // namespace runts::addon
