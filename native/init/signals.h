#pragma once

#include "../core/syscall.h"

namespace runts {

constexpr int SIGKILL = 9;
constexpr int SIGPIPE = 13;
constexpr int SIGCHLD = 17;

/** The kernel's own struct sigaction. */
struct SignalAction {
  u64 handler;
  u64 flags;
  u64 restorer;
  u64 mask;
};

/** SIG_IGN or SIG_DFL for SIGPIPE. What is ignored stays ignored across execve, so each `true` needs its `false`. */
inline void ignore_sigpipe(bool on) {
  SignalAction action = {on ? u64{1} : u64{0}, 0, 0, 0};
  sys::call(__NR_rt_sigaction, SIGPIPE, &action, nullptr, sizeof(action.mask));
}

}  // namespace runts
