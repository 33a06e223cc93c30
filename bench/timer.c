// Runs one measured operation and prints what it cost:
//
//   timer [--idle MS] [--leave] COMMAND [ARG…] [--then COMMAND [ARG…] | --reap COMMAND [ARG…]]…
//
// The commands run one after the other, each after a pause when --idle asks for it; --reap first waits for every
// orphan, that is, for the container's init to end, as an engine's shim does between start and delete. stdout of the
// commands is discarded.
//
// Prints {wall, cpu, stages: [{wall, cpu, peak}, …]}, one stage for each command, in microseconds and KiB:
//   wall        of a stage: from its start to its end; of all: their sum
//   cpu         of a stage: what the command used, and what the containers used until it ended; of all: also what they
//   used
//               afterwards, until the last orphan was reaped
//   peak        resident memory of the largest process of the command
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

struct Cost {
  long wall, cpu, peak;
};

static void wait_for(pid_t pid, const char* name, struct rusage* used) {
  int status;
  while (wait4(pid, &status, 0, used) < 0) {
    if (errno != EINTR) fail("wait4", errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  fprintf(stderr, "timer: %s ended with %s %d\n", name, WIFEXITED(status) ? "status" : "signal",
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

// Of the children that were reaped, and of those that were not: the containers, orphans that became ours.
static long cpu_of_children(void) {
  struct rusage reaped;
  getrusage(RUSAGE_CHILDREN, &reaped);
  long sum = as_microseconds(reaped.ru_utime) + as_microseconds(reaped.ru_stime);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  FILE* children = fopen(path, "re");
  if (!children) return sum;
  int pid;
  while (fscanf(children, "%d", &pid) == 1) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used)) continue;
    sum += used.tv_sec * 1000000L + used.tv_nsec / 1000;
  }
  fclose(children);
  return sum;
}

static struct Cost measure(char** command) {
  struct rusage used;
  long cpu = cpu_of_children();
  long began = microseconds();
  wait_for(start(command), command[0], &used);
  long ended = microseconds();
  return (struct Cost){ended - began, cpu_of_children() - cpu, used.ru_maxrss};
}

// A runtime that hangs ends with us.
static void give_up(int signal) {
  (void)signal;
  kill(0, SIGKILL);
}

static void print(const struct Cost* stages, int count) {
  long wall = 0;
  for (int i = 0; i < count; i++) wall += stages[i].wall;
  printf("{\"wall\":%ld,\"cpu\":%ld,\"stages\":[", wall, cpu_of_children());
  for (int i = 0; i < count; i++) {
    printf("%s{\"wall\":%ld,\"cpu\":%ld,\"peak\":%ld}", i ? "," : "", stages[i].wall, stages[i].cpu, stages[i].peak);
  }
  printf("]}\n");
}

int main(int argc, char** argv) {
  setpgid(0, 0);
  signal(SIGTERM, give_up);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int first = 1;
  int leave = 0;
  long idle = 0;
  for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
    if (strcmp(argv[first], "--leave") == 0) leave = 1;
    if (strcmp(argv[first], "--idle") == 0 && first + 1 < argc) idle = atol(argv[++first]);
  }
  struct Cost stages[argc];
  int count = 0;
  char** command = argv + first;
  for (int i = first; i <= argc; i++) {
    int reap = i < argc && strcmp(argv[i], "--reap") == 0;
    if (i < argc && !reap && strcmp(argv[i], "--then") != 0) continue;
    argv[i] = NULL;
    if (!command[0]) fail("an empty command", EINVAL);
    if (idle > 0) usleep(idle * 1000);
    stages[count++] = measure(command);
    if (reap) reap_orphans();
    command = argv + i + 1;
  }
  if (!leave) reap_orphans();
  print(stages, count);
  return 0;
}
