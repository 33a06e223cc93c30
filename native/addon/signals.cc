#include "signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>

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
  if (info->si_code == SI_TKILL && info->si_pid == getpid()) return true;
  if (info->si_code <= 0) return false;
  int signal = info->si_signo;
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& old = old_actions[signal];
  if (old.sa_flags & SA_SIGINFO) return old.sa_sigaction(signal, info, context);
  if (old.sa_handler == SIG_IGN) return;
  if (old.sa_handler != SIG_DFL) return old.sa_handler(signal);
  sigaction(signal, &old, nullptr);
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
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int signal : signals) {
    if (signal <= 0 || signal >= NSIG || sigismember(&wanted, signal) == 1) continue;
    if (sigaction(signal, nullptr, &old_actions[signal]) != 0) continue;
    if (sigaction(signal, &action, nullptr) != 0) continue;
    caught_.push_back(signal);
    sigaddset(&wanted, signal);
  }
  pthread_sigmask(SIG_UNBLOCK, &wanted, &old_mask_);
}

SignalPipe::~SignalPipe() {
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  for (int signal : caught_) sigaction(signal, &old_actions[signal], nullptr);
  in_use = false;
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
