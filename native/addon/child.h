#pragma once

#include <sys/types.h>

namespace runts::addon {

/** What went wrong in a child before its execve; it lies in memory that parent and child share. */
struct ChildFailure {
  int error = 0;
  const char* syscall = "";
};

/**
 * Runs `entry(argument)` in a new process that shares our memory while this thread waits (CLONE_VM|CLONE_VFORK):
 * nothing of the JavaScript heap is copied. The child starts with every signal blocked and may only make system calls.
 * @param cgroup descriptor of the cgroup v2 directory it starts in, -1 for the caller's; where a filter keeps clone3(2)
 *     from us the child has to enter it first of all (enter_cgroup), which is what `entered` is set to false for
 * @returns its pid, once it has called execve or is gone. Throws SystemError.
 */
pid_t start_child(int (*entry)(void*), void* argument, int cgroup = -1, bool* entered = nullptr);

/**
 * Runs `entry(argument)` in a new process that shares our memory and our descriptors while this thread goes on. It may
 * only make system calls, and none of the C library: their errno would be this thread's. Every signal is blocked; it
 * dies with this thread. SIGCHLD does not tell of its end, and waitpid(2) finds it with __WALL alone.
 * @param stack top of a stack that has to last until the process is reaped
 * @param pidfd set to a pidfd of it, close-on-exec
 * @returns its pid. Throws SystemError.
 */
pid_t start_beside(int (*entry)(void*), void* argument, char* stack, int* pidfd);

// --- for use in the child -----------------------------------------------------------------------------------

/** Default disposition for every signal, none blocked. The engines ignore SIGPIPE and SIGXFSZ, and that would survive
 * execve. */
void reset_signals();

/** Moves this process into a cgroup v2 directory. @returns whether it could */
bool enter_cgroup(int cgroup);

/** Notes errno and ends the child. */
[[noreturn]] void give_up(ChildFailure* failure, const char* syscall);

}  // namespace runts::addon
