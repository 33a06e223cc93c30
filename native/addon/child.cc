#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "../core/arch.h"
#include "error.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
/** A child that calls execve leaves the guards of its frames in our memory. */
#define ASAN_UNPOISON_MEMORY_REGION(begin, size)
#endif

namespace runts::addon {

namespace {

// The C library's own calls leave out the two signals it keeps to itself; they too must not run a handler on shared
// memory.
using KernelSignals = uint64_t;

void set_mask(KernelSignals mask, KernelSignals* old) {
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, old, sizeof mask);
}

/** clone(2) as above with CLONE_INTO_CGROUP, which only clone3 knows; the C library has no wrapper for that. */
int clone_into(int cgroup, char* stack, size_t size, int (*entry)(void*), void* argument) {
  clone_args arguments = {};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<uint64_t>(stack);
  arguments.stack_size = size;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  const long result = raw_child(&arguments, sizeof arguments, entry, argument);
  if (result >= 0) return static_cast<int>(result);
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace

pid_t start_child(int (*entry)(void*), void* argument, int cgroup, bool* entered) {
  // Part of this frame, which stays as it is until the child lets go of our memory.
  alignas(16) char stack[32 * 1024];
  KernelSignals old_mask = 0;
  set_mask(~KernelSignals{0}, &old_mask);
  int pid = cgroup < 0 ? -1 : clone_into(cgroup, stack, sizeof stack, entry, argument);
  // Filters of engines answer so to clone3(2), whose flags they cannot see.
  const bool filtered = cgroup >= 0 && pid < 0 && entered != nullptr && (errno == ENOSYS || errno == EPERM);
  if (filtered) *entered = false;
  if (cgroup < 0 || filtered) pid = clone(entry, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, argument);
  int error = errno;
  ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
  set_mask(old_mask, nullptr);
  if (pid < 0) throw SystemError{error, "clone", "", ""};
  return pid;
}

pid_t start_beside(int (*entry)(void*), void* argument, char* stack, int* pidfd) {
  KernelSignals old_mask = 0;
  set_mask(~KernelSignals{0}, &old_mask);
  int pid = clone(entry, stack, CLONE_VM | CLONE_FILES | CLONE_PIDFD, argument, pidfd);
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

bool enter_cgroup(int cgroup) {
  int processes = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (processes < 0) return false;
  bool moved = write(processes, "0", 1) == 1;
  int error = errno;
  close(processes);
  errno = error;
  return moved;
}

void give_up(ChildFailure* failure, const char* syscall_name) {
  failure->error = errno;
  failure->syscall = syscall_name;
  _exit(127);
}

}  // namespace runts::addon
