// What a program of a container sees of a filter's actions: seccomp-actions thread|trap|traced NUMBER
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long number;

static void *call_in_thread(void *argument) {
  long result = syscall(number, 0, 0, 0, 0, 0, 0);
  printf("returned %ld %d\n", result, result < 0 ? errno : 0);
  return argument;
}

/** Another thread makes the call; prints `alive` when this one has outlived it. */
static int in_thread(void) {
  pthread_t thread;
  void *result = NULL;
  if (pthread_create(&thread, NULL, call_in_thread, &result) != 0) return 2;
  pthread_join(thread, &result);
  printf("alive\n");
  return 0;
}

static void on_sigsys(int signal, siginfo_t *info, void *context) {
  (void)context;
  printf("signal %d code %d number %d errno %d\n", signal, info->si_code, info->si_syscall, info->si_errno);
}

static int trapped(void) {
  struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, NULL);
  syscall(number, 0, 0, 0, 0, 0, 0);
  printf("alive\n");
  return 0;
}

/** A tracer that follows SECCOMP events prints what the filter tells it and lets the call go on. */
static int traced(void) {
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    long result = syscall(number, 0, 0, 0, 0, 0, 0);
    _exit(result < 0 ? errno : 0);
  }
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, child, 0, 0);
  while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
    unsigned long message = 0;
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
      ptrace(PTRACE_GETEVENTMSG, child, 0, &message);
      printf("event %lu\n", message);
    }
    ptrace(PTRACE_CONT, child, 0, 0);
  }
  printf("exit %d\n", WEXITSTATUS(status));
  return 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc != 3) return 2;
  number = atol(argv[2]);
  if (strcmp(argv[1], "thread") == 0) return in_thread();
  if (strcmp(argv[1], "trap") == 0) return trapped();
  return strcmp(argv[1], "traced") == 0 ? traced() : 2;
}
