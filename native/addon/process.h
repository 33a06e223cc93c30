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

/** Reaps a child that has ended; nothing when it still runs. Throws SystemError. */
std::optional<Ending> reap(pid_t pid);

/**
 * Waits for a child that is about to end, 10 s at the most (ETIMEDOUT), and reaps it. Never waitpid(2) alone: a child
 * that somebody has stopped, or that hangs in the kernel, would keep us for ever, and so would one that another process
 * traces, whose end is the tracer's to know first. Of that one /proc says how it ended; it stays until the tracer lets
 * go.
 * @param pidfd of the child; -1: opened here
 * Throws SystemError.
 */
Ending await_end(pid_t pid, int pidfd = -1);

/** Reaps children that were not ours to begin with: a subreaper gets them from processes that have ended. */
void reap_adopted(pid_t but);

Napi::Object to_javascript(Napi::Env env, const Ending& ending);

/** A pidfd, close-on-exec. Throws SystemError. */
int open_pidfd(pid_t pid);

}  // namespace runts::addon
