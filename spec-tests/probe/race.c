// A command again and again while somebody gives two files each other's name:
// race [tty] COUNT SEED [A B]… [remove PATH…] -- COMMAND…
// Each time, what is to be removed is so first (the directories are opened once, at the start).
// Prints {"exchanges", "contested", "outcomes": [{"times", "status", "output"}]}; contested are the rounds in which
// something was exchanged at least once. An odd number of exchanges is undone at the end.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum {
  OUTPUT = 2048,
  OUTCOMES = 16384,
  REMOVALS = 32,
  PAIRS = 16,
  ROUND_MILLISECONDS = 30000,
  RENAME_EXCHANGE_NAMES = 2
};

struct outcome {
  long times;
  uint64_t hash;
  int status;
  char output[OUTPUT];
};

struct removal {
  int directory;
  const char *name;
};

struct race {
  char *const *names;
  int pair_count;
  uint64_t seed;
  int terminal;
  char **command;
  struct removal removals[REMOVALS];
  int removal_count;
  struct outcome outcomes[OUTCOMES];
  int outcome_count;
  long contested;
};

/** How often each pair was exchanged, and whether that is to end; shared with the process that does it. */
static volatile long *exchanges;
static const int END = PAIRS;

static long total(void) {
  long sum = 0;
  for (int pair = 0; pair < PAIRS; pair++) sum += exchanges[pair];
  return sum;
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  return *state ^= *state << 17;
}

static void exchange_pair(const struct race *race, int pair) {
  const char *a = race->names[2 * pair], *b = race->names[2 * pair + 1];
  if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE_NAMES)) fail(a);
  exchanges[pair]++;
}

/** Pauses of every length that a step of a runtime may take: none, then up to 10, 100 and 1000 microseconds. */
static void pause_a_while(uint64_t *random) {
  static const uint64_t longest[] = {0, 10, 100, 1000};
  const uint64_t limit = longest[next_random(random) % 4];
  const struct timespec time = {0, limit == 0 ? 0 : (long)(next_random(random) % (limit * 1000))};
  if (limit > 0) nanosleep(&time, NULL);
}

static pid_t start_exchanging(const struct race *race) {
  if (race->pair_count == 0) return 0;
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  uint64_t random = race->seed;
  while (!exchanges[END]) {
    exchange_pair(race, (int)(next_random(&random) % (uint64_t)race->pair_count));
    pause_a_while(&random);
  }
  _exit(0);
}

static void stop_exchanging(const struct race *race, pid_t attacker) {
  int status;
  exchanges[END] = 1;
  if (waitpid(attacker, &status, 0) != attacker || status != 0) errno = ECHILD, fail("the exchange has failed");
  for (int pair = 0; pair < race->pair_count; pair++)
    if (exchanges[pair] % 2) exchange_pair(race, pair);
}

/** Takes the terminal for the session's, so that a runtime finds one. */
static void take_terminal(const char *name) {
  setsid();
  const int terminal = open(name, O_RDWR | O_CLOEXEC);
  if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0)) _exit(98);
  for (int fd = 0; fd < 3; fd++) dup2(terminal, fd);
}

static pid_t start_command(const struct race *race, int *output) {
  int ends[2];
  char name[64] = "";
  if (race->terminal) {
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[0] < 0 || grantpt(ends[0]) || unlockpt(ends[0]) || ptsname_r(ends[0], name, sizeof name)) fail("pty");
    ends[1] = -1;
  } else if (pipe2(ends, O_CLOEXEC)) {
    fail("pipe2");
  }
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (race->terminal)
      take_terminal(name);
    else
      dup2(ends[1], 1), dup2(ends[1], 2);
    execvp(race->command[0], race->command);
    _exit(98);
  }
  close(ends[1]);
  *output = ends[0];
  return pid;
}

/** Reads to the end; what hangs is killed, and what it has left behind, which may hold the other end, is not waited for. */
static void read_output(int fd, pid_t pid, char *text) {
  size_t size = 0;
  char rest[512];
  struct pollfd watched = {fd, POLLIN, 0};
  for (;;) {
    if (poll(&watched, 1, ROUND_MILLISECONDS) == 0) {
      kill(pid, SIGKILL);
      break;
    }
    const ssize_t got = size < OUTPUT - 1 ? read(fd, text + size, OUTPUT - 1 - size) : read(fd, rest, sizeof rest);
    if (got <= 0) break;
    if (size < OUTPUT - 1) size += (size_t)got;
  }
  text[size] = 0;
  close(fd);
}

/** Takes the time from log lines, which would make each of them another. */
static void forget_times(char *text) {
  for (char *at = strstr(text, "time=\""); at; at = strstr(at, "time=\""))
    for (at += strlen("time=\""); *at && *at != '"'; at++) *at = '-';
}

/** FNV-1a, of the status too: a race of many parts has thousands of different outcomes. */
static uint64_t hash_of(int status, const char *text) {
  uint64_t hash = 14695981039346656037u ^ (uint64_t)status;
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  return hash;
}

static void note(struct race *race, int status, const char *output) {
  const uint64_t hash = hash_of(status, output);
  int i = 0;
  while (i < race->outcome_count && race->outcomes[i].hash != hash) i++;
  if (i == OUTCOMES) errno = E2BIG, fail("too many different outcomes");
  if (i == race->outcome_count) {
    race->outcome_count++;
    race->outcomes[i].hash = hash;
    race->outcomes[i].status = status;
    strcpy(race->outcomes[i].output, output);
  }
  race->outcomes[i].times++;
}

static void run_round(struct race *race) {
  static char output[OUTPUT];
  for (int i = 0; i < race->removal_count; i++) {
    const struct removal *removal = &race->removals[i];
    if (unlinkat(removal->directory, removal->name, 0)) unlinkat(removal->directory, removal->name, AT_REMOVEDIR);
  }
  const long before = total();
  int fd, status;
  const pid_t pid = start_command(race, &fd);
  read_output(fd, pid, output);
  if (waitpid(pid, &status, 0) != pid) fail("waitpid");
  forget_times(output);
  if (total() != before) race->contested++;
  note(race, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output);
}

static void report(const struct race *race) {
  printf("{\"exchanges\":%ld,\"contested\":%ld,\"outcomes\":[", total(), race->contested);
  for (int i = 0; i < race->outcome_count; i++) {
    printf("%s{\"times\":%ld,\"status\":%d,\"output\":", i ? "," : "", race->outcomes[i].times,
           race->outcomes[i].status);
    print_string(race->outcomes[i].output);
    putchar('}');
  }
  printf("]}\n");
}

/** Opens the directory of a path to be removed, unless it is not there, or a symlink by now. */
static void add_removal(struct race *race, char *path) {
  char *slash = strrchr(path, '/');
  if (!slash || race->removal_count == REMOVALS) errno = EINVAL, fail(path);
  *slash = 0;
  const int directory = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory >= 0) race->removals[race->removal_count++] = (struct removal){directory, slash + 1};
}

int run_race(int argc, char **argv) {
  static struct race race;
  int at = 2;
  race.terminal = argc > at && !strcmp(argv[at], "tty");
  at += race.terminal;
  if (argc < at + 3) return 98;
  const long count = atol(argv[at]);
  race.seed = strtoull(argv[at + 1], NULL, 0) | 1;
  at += 2;
  race.names = argv + at;
  for (; at + 1 < argc && strcmp(argv[at], "remove") && strcmp(argv[at], "--"); at += 2) race.pair_count++;
  if (race.pair_count > PAIRS) errno = E2BIG, fail("pairs");
  if (at < argc && !strcmp(argv[at], "remove"))
    for (at++; at < argc && strcmp(argv[at], "--"); at++) add_removal(&race, argv[at]);
  race.command = argv + at + 1;
  exchanges = mmap(NULL, (PAIRS + 1) * sizeof *exchanges, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const pid_t attacker = start_exchanging(&race);
  for (long round = 0; round < count; round++) run_round(&race);
  if (attacker > 0) stop_exchanging(&race, attacker);
  report(&race);
  return 0;
}
