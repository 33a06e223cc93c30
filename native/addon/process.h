#pragma once

#include <napi.h>
#include <sys/types.h>

#include <optional>

namespace runts::addon {

/** How a process ended: exit status (or -1) and signal (or 0). */
struct Ending {
  int status;
  int signal;
};

/** Reaps a child; nothing when `options` hold WNOHANG and it still runs. Throws SystemError. */
std::optional<Ending> wait_for(pid_t pid, int options);

Napi::Object to_javascript(Napi::Env env, const Ending& ending);

/** A pidfd, close-on-exec. Throws SystemError. */
int open_pidfd(pid_t pid);

}  // namespace runts::addon
