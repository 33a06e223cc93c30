#include "child.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "error.h"

namespace runts::addon {

namespace {

// The C library's own calls leave out the two signals it keeps to itself; they too must not run a handler on shared
// memory.
using KernelSignals = uint64_t;

void set_mask(KernelSignals mask, KernelSignals* old) {
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, old, sizeof mask);
}

}  // namespace

pid_t start_child(int (*entry)(void*), void* argument) {
  // Part of this frame, which stays as it is until the child lets go of our memory.
  alignas(16) char stack[32 * 1024];
  KernelSignals old_mask = 0;
  set_mask(~KernelSignals{0}, &old_mask);
  int pid = clone(entry, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, argument);
  int error = errno;
  set_mask(old_mask, nullptr);
  if (pid < 0) throw SystemError{error, "clone", "", ""};
  return pid;
}

void reset_signals() {
  // The kernel's struct sigaction, all zero: SIG_DFL. Failures (SIGKILL, SIGSTOP) do not matter.
  const uint64_t action[8] = {};
  for (int signal = 1; signal <= 64; signal++) {
    syscall(SYS_rt_sigaction, signal, action, nullptr, sizeof(KernelSignals));
  }
  set_mask(0, nullptr);
}

void give_up(ChildFailure* failure, const char* syscall_name) {
  failure->error = errno;
  failure->syscall = syscall_name;
  _exit(127);
}

}  // namespace runts::addon
