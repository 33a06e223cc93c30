// Loads programs for real: reads from stdin u32 flags, u32 bytes, the program, again and again; prints for each the
// errno of seccomp(2), 0 when the kernel took it. Each goes into a process of its own, which then does nothing more:
// the filter may forbid anything.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void load(uint32_t flags, struct sock_fprog *program, volatile int *result) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  long loaded = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  *result = loaded < 0 ? errno : 0;
  __builtin_trap();
}

int main(void) {
  static struct sock_filter instructions[65536];
  volatile int *result = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  uint32_t head[2];
  while (fread(head, sizeof(head), 1, stdin) == 1) {
    if (head[1] > sizeof(instructions) || fread(instructions, 1, head[1], stdin) != head[1]) return 2;
    struct sock_fprog program = {.len = (unsigned short)(head[1] / sizeof(*instructions)), .filter = instructions};
    *result = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) load(head[0], &program, result);
    waitpid(child, NULL, 0);
    printf("%d\n", *result);
  }
  return 0;
}
