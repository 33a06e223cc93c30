/* What ptrace(2) changes of a system call, on each processor. */
#pragma once

#include <elf.h>
#include <linux/ptrace.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__) || defined(__aarch64__)

/* Has the call that begins not happen. */
static inline void leave_out(pid_t pid) {
#ifdef __x86_64__
  struct user_regs_struct registers;
  ptrace(PTRACE_GETREGS, pid, 0, &registers);
  registers.orig_rax = (unsigned long long)-1;
  ptrace(PTRACE_SETREGS, pid, 0, &registers);
#else
  int none = -1;
  struct iovec number = {&none, sizeof none};
  ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_ARM_SYSTEM_CALL, &number);
#endif
}

/* Changes the result of the call that ends. */
static inline void return_instead(pid_t pid, long long result) {
  struct user_regs_struct registers;
#ifdef __x86_64__
  ptrace(PTRACE_GETREGS, pid, 0, &registers);
  registers.rax = (unsigned long long)result;
  ptrace(PTRACE_SETREGS, pid, 0, &registers);
#else
  struct iovec all = {&registers, sizeof registers};
  ptrace(PTRACE_GETREGSET, pid, (void *)(long)NT_PRSTATUS, &all);
  registers.regs[0] = (unsigned long long)result;
  ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_PRSTATUS, &all);
#endif
}

#endif
