#include "signals.h"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "../core/start.h"
#include "error.h"

namespace runts::addon {

namespace {

// Shared with the handler. The pipe stays open for good: a handler may still be running in another thread when we are
// done.
int pipe_ends[2] = {-1, -1};
struct sigaction old_actions[NSIG];
std::atomic<bool> in_use = false;
bool one_thread = false;

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

uint64_t bit_of(int signal) {
  return uint64_t{1} << (signal - 1);
}

/** The kernel's own call: the C library leaves out what it keeps to itself. */
void set_mask(int how, uint64_t mask, uint64_t* old) {
  syscall(SYS_rt_sigprocmask, how, &mask, old, sizeof mask);
}

}  // namespace

void catch_signals_by_mask() {
  one_thread = true;
}

SignalPipe::SignalPipe(const std::vector<int>& signals) {
  if (in_use.exchange(true)) throw SystemError{EBUSY, "sigaction", "", ""};
  try {
    if (one_thread) {
      block(signals);
    } else {
      install(signals);
    }
  } catch (const SystemError&) {
    in_use = false;
    throw;
  }
}

void SignalPipe::block(const std::vector<int>& signals) {
  uint64_t wanted = 0;
  for (int signal : signals) {
    if (signal > 0 && signal <= 64) wanted |= bit_of(signal);
  }
  descriptor_ = Fd(check(syscall(SYS_signalfd4, -1, &wanted, sizeof wanted, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd4"));
  set_mask(SIG_BLOCK, wanted, &old_mask_);
}

void SignalPipe::install(const std::vector<int>& signals) {
  if (pipe_ends[0] < 0) check(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), "pipe2");
  take();  // what came too late for the one before us
  struct sigaction action = {};
  action.sa_sigaction = handle;
  // Other threads of the engine must not see EINTR for our sake.
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  uint64_t wanted = 0;
  for (int signal : signals) {
    if (signal <= 0 || signal > 64 || (wanted & bit_of(signal)) != 0) continue;
    // The C library keeps the first real-time ones to itself.
    if (sigaction(signal, nullptr, &old_actions[signal]) != 0) continue;
    if (sigaction(signal, &action, nullptr) != 0) continue;
    caught_.push_back(signal);
    wanted |= bit_of(signal);
  }
  set_mask(SIG_UNBLOCK, wanted, &old_mask_);
}

SignalPipe::~SignalPipe() {
  // What is still waiting would strike now.
  take();
  set_mask(SIG_SETMASK, old_mask_, nullptr);
  for (int signal : caught_) sigaction(signal, &old_actions[signal], nullptr);
  in_use = false;
}

void SignalPipe::strike(int signal) {
  if (one_thread) {
    raise(signal);
    uint64_t mask = 0;
    set_mask(SIG_UNBLOCK, bit_of(signal), &mask);
    set_mask(SIG_SETMASK, mask, nullptr);
    return;
  }
  struct sigaction ours;
  if (sigaction(signal, &old_actions[signal], &ours) != 0) return;
  raise(signal);
  sigaction(signal, &ours, nullptr);
}

int SignalPipe::fd() const {
  return one_thread ? descriptor_.get() : pipe_ends[0];
}

std::vector<int> SignalPipe::take() {
  std::vector<int> signals;
  if (one_thread) {
    signalfd_siginfo info;
    while (retry([&] { return ::read(fd(), &info, sizeof info); }) > 0) {
      // The kernel sends it in our own name, for a write that also fails with EPIPE.
      bool ours = info.ssi_signo == SIGPIPE && info.ssi_pid == static_cast<uint32_t>(getpid());
      if (!ours) signals.push_back(static_cast<int>(info.ssi_signo));
    }
    return signals;
  }
  unsigned char bytes[64];
  for (;;) {
    ssize_t got = retry([&] { return ::read(pipe_ends[0], bytes, sizeof bytes); });
    if (got <= 0) return signals;
    signals.insert(signals.end(), bytes, bytes + got);
  }
}

}  // namespace runts::addon
