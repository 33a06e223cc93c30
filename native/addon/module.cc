#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "../core/start.h"
#include "exports.h"

namespace runts::addon {

void keep_child_status() {
  struct sigaction action;
  if (sigaction(SIGCHLD, nullptr, &action) != 0) return;
  if (action.sa_handler != SIG_IGN && (action.sa_flags & SA_NOCLDWAIT) == 0) return;
  if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
  action.sa_flags &= ~SA_NOCLDWAIT;
  sigaction(SIGCHLD, &action, nullptr);
}

bool open_standard_streams() {
  pollfd streams[] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}};
  retry([&] { return ::poll(streams, 3, 0); });
  for (const pollfd& stream : streams) {
    // The lowest free number is this one.
    if ((stream.revents & POLLNVAL) && retry([] { return ::open("/dev/null", O_RDWR); }) < 0) return false;
  }
  return true;
}

namespace {

Napi::Object load(Napi::Env env, Napi::Object exports) {
  keep_child_status();
  if (!open_standard_streams()) throw to_javascript(env, SystemError{errno, "open", "/dev/null", ""});
  add_spawn(exports);
  add_events(exports);
  add_process(exports);
  add_run_process(exports);
  add_files(exports);
  add_paths(exports);
  add_trees(exports);
  add_descriptors(exports);
  add_lock(exports);
  add_host(exports);
  add_sockets(exports);
  add_datagrams(exports);
  add_packets(exports);
  add_foreground(exports);
  add_streams(exports);
  add_terminal(exports);
  add_bpf(exports);
  add_watch(exports);
  add_net_device(exports);
  add_user_namespace(exports);
  add_recorder(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(runts, load)

}  // namespace runts::addon
