#include "signals.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "error.h"

namespace runts::addon {

namespace {

// Shared with the handler. The pipe stays open for good: a handler may still be running in another thread when we are
// done.
int pipe_ends[2] = {-1, -1};
struct sigaction old_actions[NSIG];
std::atomic<bool> in_use = false;

/** Signals that this process means for itself: faults, abort(), and the engine's signals from thread to thread. */
bool is_internal(const siginfo_t* info) {
  int signal = info->si_signo;
  // The kernel sends SIGPIPE in our own name.
  if ((info->si_code == SI_TKILL || signal == SIGPIPE) && info->si_pid == getpid()) return true;
  if (info->si_code == SI_TIMER) return true;
  if (info->si_code <= 0) return false;
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP ||
         signal == SIGSYS;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& old = old_actions[signal];
  if (old.sa_flags & SA_SIGINFO) return old.sa_sigaction(signal, info, context);
  // What makes the kernel send SIGPIPE also fails with EPIPE; a timer's signal has interrupted what it was to
  // interrupt.
  if (old.sa_handler == SIG_IGN || signal == SIGPIPE || info->si_code == SI_TIMER) return;
  if (old.sa_handler != SIG_DFL) return old.sa_handler(signal);
  if (sigaction(signal, &old, nullptr) != 0) return;
  // Blocked while this handler runs, so it strikes at the return.
  raise(signal);
}

void handle(int signal, siginfo_t* info, void* context) {
  int saved = errno;
  if (is_internal(info)) {
    pass_on(signal, info, context);
  } else {
    unsigned char byte = static_cast<unsigned char>(signal);
    [[maybe_unused]] ssize_t written = ::write(pipe_ends[1], &byte, 1);
  }
  errno = saved;
}

/** The kernel's struct sigaction; its first member is the handler. */
using KernelAction = std::array<uint64_t, 8>;

void kernel_action(int signal, const KernelAction* action, KernelAction* old) {
  syscall(SYS_rt_sigaction, signal, action, old, sizeof(uint64_t));
}

/**
 * Catches a signal that the C library keeps to itself (the first real-time ones) as `pattern` is caught, while nobody
 * has a use for it. Returns whether it was so.
 */
bool catch_reserved(int signal, int pattern) {
  KernelAction old = {};
  kernel_action(signal, nullptr, &old);
  if (pattern == 0 || old[0] != reinterpret_cast<uint64_t>(SIG_DFL)) return false;
  KernelAction ours = {};
  kernel_action(pattern, nullptr, &ours);
  kernel_action(signal, &ours, nullptr);
  return true;
}

void release_reserved(int signal) {
  KernelAction now = {};
  kernel_action(signal, nullptr, &now);
  const KernelAction default_action = {};
  if (now[0] == reinterpret_cast<uint64_t>(handle)) kernel_action(signal, &default_action, nullptr);
}

void set_mask(int how, uint64_t mask, uint64_t* old) {
  syscall(SYS_rt_sigprocmask, how, &mask, old, sizeof mask);
}

}  // namespace

SignalPipe::SignalPipe(const std::vector<int>& signals) {
  if (in_use.exchange(true)) throw SystemError{EBUSY, "sigaction", "", ""};
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0) {
    in_use = false;
    fail("pipe2");
  }
  take();  // what came too late for the one before us
  struct sigaction action = {};
  action.sa_sigaction = handle;
  // Other threads of the engine must not see EINTR for our sake.
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  uint64_t wanted = 0;
  for (int signal : signals) {
    const uint64_t bit = uint64_t{1} << (signal - 1);
    if (signal <= 0 || signal > 64 || (wanted & bit) != 0) continue;
    if (sigaction(signal, nullptr, &old_actions[signal]) == 0) {
      if (sigaction(signal, &action, nullptr) != 0) continue;
    } else if (!catch_reserved(signal, caught_.empty() ? 0 : caught_.front())) {
      continue;
    }
    caught_.push_back(signal);
    wanted |= bit;
  }
  set_mask(SIG_UNBLOCK, wanted, &old_mask_);
}

SignalPipe::~SignalPipe() {
  set_mask(SIG_SETMASK, old_mask_, nullptr);
  for (int signal : caught_) {
    if (sigaction(signal, &old_actions[signal], nullptr) != 0) release_reserved(signal);
  }
  in_use = false;
}

void SignalPipe::strike(int signal) {
  struct sigaction ours;
  if (sigaction(signal, &old_actions[signal], &ours) != 0) return;
  raise(signal);
  sigaction(signal, &ours, nullptr);
}

int SignalPipe::fd() const {
  return pipe_ends[0];
}

std::vector<int> SignalPipe::take() {
  std::vector<int> signals;
  unsigned char bytes[64];
  for (;;) {
    ssize_t got = retry([&] { return ::read(pipe_ends[0], bytes, sizeof bytes); });
    if (got <= 0) return signals;
    signals.insert(signals.end(), bytes, bytes + got);
  }
}

}  // namespace runts::addon
