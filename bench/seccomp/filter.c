// filter PID: prints the seccomp programs of a process in hexadecimal, one line for each, the last one loaded first.
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

int main(int argc, char **argv) {
  static struct sock_filter program[BPF_MAXINSNS];
  const pid_t pid = argc == 2 ? atoi(argv[1]) : 0;
  if (pid <= 0) return 2;
  if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0) {
    perror("ptrace");
    return 1;
  }
  waitpid(pid, NULL, __WALL);
  for (unsigned long index = 0;; index++) {
    long count = ptrace((enum __ptrace_request)PTRACE_SECCOMP_GET_FILTER, pid, index, program);
    if (count < 0) {
      if (index == 0) perror("PTRACE_SECCOMP_GET_FILTER");
      break;
    }
    const unsigned char *bytes = (const unsigned char *)program;
    for (long i = 0; i < count * 8; i++) printf("%02x", bytes[i]);
    printf("\n");
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
  return 0;
}
