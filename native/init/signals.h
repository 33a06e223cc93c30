#pragma once

#include "../core/syscall.h"

namespace runts {

constexpr int SIGHUP = 1;
constexpr int SIGINT = 2;
constexpr int SIGQUIT = 3;
constexpr int SIGKILL = 9;
constexpr int SIGPIPE = 13;
constexpr int SIGTERM = 15;
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

/** Has the signals that ask a program to end, end us: the first process of a pid namespace is spared their default. */
inline void end_by_signals() {
  // x86_64 takes no handler without a restorer, though this one never returns.
  constexpr u64 SA_RESTORER = 0x04000000;
  void (*end)(int) = [](int signal) { sys::exit(128 + signal); };
  const u64 address = reinterpret_cast<u64>(end);
  const SignalAction action = {address, SA_RESTORER, address, 0};
  constexpr int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
  for (int signal : signals) sys::call(__NR_rt_sigaction, signal, &action, nullptr, sizeof(action.mask));
}

}  // namespace runts
