// Runs one measured operation and prints what it cost:
//
//   timer COMMAND [ARG…] [--then COMMAND [ARG…] | --reap COMMAND [ARG…]]…
//
// The commands run one after the other; --reap first waits for every orphan, that is, for the container's init to end,
// as an engine's shim does between start and delete. Prints {wall, user, system} in microseconds of all of it: the
// processes' own time and that of everything they leave behind, which is reaped before the end. stdout of the commands
// is discarded.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static void fail(const char* what, int error) {
  fprintf(stderr, "timer: %s: %s\n", what, strerror(error));
  exit(125);
}

static long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

// posix_spawn is vfork below: its cost does not depend on the size of whoever starts the runtime.
static pid_t start(char** command) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // What the caller ignores would stay ignored in the runtime and its container.
  sigset_t every;
  sigfillset(&every);
  posix_spawnattr_setsigdefault(&attributes, &every);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid;
  int error = posix_spawn(&pid, command[0], &files, &attributes, command, environ);
  if (error) fail(command[0], error);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

static void run(char** command) {
  int status;
  pid_t pid = start(command);
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid", errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  fprintf(stderr, "timer: %s ended with %s %d\n", command[0], WIFEXITED(status) ? "status" : "signal",
          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  exit(1);
}

static void reap_orphans(void) {
  while (wait(NULL) > 0 || errno == EINTR) {
  }
}

static long as_microseconds(struct timeval time) {
  return time.tv_sec * 1000000L + time.tv_usec;
}

// A runtime that hangs ends with us.
static void give_up(int signal) {
  (void)signal;
  kill(0, SIGKILL);
}

int main(int argc, char** argv) {
  setpgid(0, 0);
  signal(SIGTERM, give_up);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  long began = microseconds();
  char** command = argv + 1;
  for (int i = 1; i <= argc; i++) {
    int reap = i < argc && strcmp(argv[i], "--reap") == 0;
    if (i < argc && !reap && strcmp(argv[i], "--then") != 0) continue;
    argv[i] = NULL;
    if (!command[0]) fail("an empty command", EINVAL);
    run(command);
    if (reap) reap_orphans();
    command = argv + i + 1;
  }
  long ended = microseconds();
  reap_orphans();
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  printf("{\"wall\":%ld,\"user\":%ld,\"system\":%ld}\n", ended - began, as_microseconds(used.ru_utime),
         as_microseconds(used.ru_stime));
  return 0;
}
