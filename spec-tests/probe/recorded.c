// What `seccomp record` has to see, or must not disturb: recorded calls|foreign|storm|flood|hang|untraced|fault
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 2000, CHILDREN = 50 };

static volatile sig_atomic_t signals;

static void count(int signal) {
  (void)signal;
  signals++;
}

static void call_by_signal(int signal) {
  (void)signal;
  syscall(SYS_sched_get_priority_max, 0);
}

static void *in_thread(void *argument) {
  syscall(SYS_getpriority, 0, 0);
  return argument;
}

/** A 32-bit program's getppid(2), and sync(2) of x32, both of which any program may call; 139 where the kernel knows no
 * 32-bit calls. */
static int call_foreign(void) {
#ifdef __x86_64__
  syscall(0x40000000 + SYS_sync);
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "0"(64) : "memory");
#endif
  return 0;
}

/** One call from each place: the program, a thread, a signal handler, a child, what a child executes, a child without
 * copy, and 32 bits. */
static int calls(char *self) {
  syscall(SYS_sync);
  pthread_t thread;
  if (pthread_create(&thread, NULL, in_thread, NULL) != 0 || pthread_join(thread, NULL) != 0) return 2;
  signal(SIGUSR1, call_by_signal);
  raise(SIGUSR1);
  pid_t child = fork();
  if (child == 0) {
    syscall(SYS_getpgid, 0);
    execl(self, self, "executed", NULL);
    _exit(3);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) return 2;
  child = vfork();
  if (child == 0) {
    syscall(SYS_sched_get_priority_min, 0);
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child || status != 0) return 2;
  printf("done\n");
  return 0;
}

/** Signals whose handlers interrupt, at any moment: calls that cannot be interrupted must not notice, nor may a signal
 * be lost. */
static int storm(void) {
  struct sigaction action = {.sa_handler = count};
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  struct itimerval often = {{0, 500}, {0, 500}};
  setitimer(ITIMER_REAL, &often, NULL);
  int failures = 0;
  for (int i = 0; i < ROUNDS; i++) failures += syscall(SYS_getppid) < 0;
  for (int i = 0; i < CHILDREN; i++) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    failures += child < 0;
  }
  for (int reaped = 0; reaped < CHILDREN;) {
    pid_t child = wait(NULL);
    if (child > 0) reaped++;
    if (child < 0 && errno != EINTR) break;
  }
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
  signals = 0;
  for (int i = 0; i < ROUNDS; i++) failures += raise(SIGUSR1) != 0;
  printf("failures %d, signals %d\n", failures, signals);
  return 0;
}

/** Every number that there is not, from several processes at once. */
static int flood(void) {
  for (int child = 0; child < 4; child++) {
    if (fork() != 0) continue;
    for (int i = 0; i < ROUNDS; i++) syscall(5000 + child * ROUNDS + i);
    _exit(0);
  }
  while (wait(NULL) > 0) continue;
  printf("flooded\n");
  return 0;
}

/** A child that no tracer gets tells the errno of its calls, and cannot even end. */
static int untraced(void) {
  volatile int *errors = mmap(NULL, sizeof *errors, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
    *errors = syscall(SYS_sync) < 0 ? errno : -1;
    for (;;) continue;
  }
  while (*errors == 0) continue;
  printf("errno %d\n", *errors);
  return 0;
}

/** Children that call for ever, and one that stops itself and is let go on. */
static int hang(void) {
  pid_t stopped = fork();
  if (stopped == 0) {
    raise(SIGSTOP);
    _exit(7);
  }
  int status = 0;
  waitpid(stopped, &status, WUNTRACED);
  int stands = WIFSTOPPED(status);
  kill(stopped, SIGCONT);
  waitpid(stopped, &status, 0);
  printf("stopped %d, then ended with %d\n", stands, WEXITSTATUS(status));
  for (int child = 0; child < 3; child++) {
    if (fork() == 0) {
      for (;;) syscall(SYS_getppid);
    }
  }
  pause();
  return 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "calls") == 0) return calls(argv[0]);
  if (strcmp(what, "foreign") == 0) return call_foreign();
  if (strcmp(what, "fault") == 0) __builtin_trap();
  if (strcmp(what, "storm") == 0) return storm();
  if (strcmp(what, "flood") == 0) return flood();
  if (strcmp(what, "hang") == 0) return hang();
  if (strcmp(what, "untraced") == 0) return untraced();
  if (strcmp(what, "executed") != 0) return 2;
  syscall(SYS_getsid, 0);
  return 0;
}
