// A root of a container that wants to get at whatever of the runtime appears in its pid namespace:
// hunt: says "hunting", and until SIGTERM looks at all processes that were not there at the beginning, in every way
// that the kernel has; then prints {"met", "attempts", "own", "taken": [{"way", "what"}]}. `met` are processes that
// were hidden, as those of a runtime should be, or ran no program of the container; `own` accesses to what is the
// container's, which are no wonder; `taken` those to something else.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

enum { PIDS = 1 << 22, TAKEN = 64, HIGHEST = 12, FIRST_OF_RUNTIME = 3 };

static unsigned char known[PIDS];
static unsigned char seen[PIDS];
static long met, attempts, own, taken;
static volatile sig_atomic_t ended;
static struct stat root;
static char findings[TAKEN][2][160];

static void end(int number) {
  (void)number;
  ended = 1;
}

static void take(const char *way, const char *what) {
  for (long i = 0; i < taken && i < TAKEN; i++)
    if (!strcmp(findings[i][0], way) && !strcmp(findings[i][1], what)) return;
  if (taken < TAKEN) {
    snprintf(findings[taken][0], sizeof findings[0][0], "%s", way);
    snprintf(findings[taken][1], sizeof findings[0][1], "%s", what);
  }
  taken++;
}

/** What /proc/PID/exe says of a process; "" when it is hidden. A deleted file and a memfd are no program of the rootfs.
 */
static int is_foreign_program(int pid, char *program, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  const ssize_t length = readlink(path, program, size - 1);
  program[length < 0 ? 0 : length] = 0;
  return length > 0 && strncmp(program, "/bin/", 5) != 0;
}

/** An open file that is none of the container: of another filesystem, or a memfd. Pipes and the like are its streams.
 */
static int is_foreign_file(int fd, char *name, size_t size) {
  char path[64];
  struct stat status;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(path, name, size - 1);
  name[length < 0 ? 0 : length] = 0;
  if (!strncmp(name, "/memfd:", 7)) return 1;
  return !fstat(fd, &status) && (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode)) && status.st_dev != root.st_dev;
}

static void judge_file(const char *way, int fd) {
  char name[160];
  if (fd < 0) return;
  const int seals = fcntl(fd, F_GET_SEALS);
  const int sealed = seals > 0 && (seals & F_SEAL_SEAL) && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
  if (!is_foreign_file(fd, name, sizeof name))
    own++;
  else if (sealed && pwrite(fd, "", 1, 0) == 1)
    take("write", name);
  else
    take(sealed ? "sealed" : way, name);
  close(fd);
}

static void try_links(int pid) {
  static const char *names[] = {"exe", "root", "cwd"};
  char path[64], name[160];
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
    attempts++;
    judge_file(names[i], open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (i == 0) judge_file("exe for writing", open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  }
  attempts++;
  if (is_foreign_program(pid, name, sizeof name)) take("readlink", name);
}

static void try_descriptors(int pid) {
  char path[300];
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  attempts++;
  DIR *directory = opendir(path);
  for (const struct dirent *entry; directory && (entry = readdir(directory));) {
    if (atoi(entry->d_name) < FIRST_OF_RUNTIME) continue;
    snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, entry->d_name);
    judge_file("fd", open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  }
  if (directory) closedir(directory);
  const int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process < 0) return;
  for (int fd = 0; fd < HIGHEST; fd++) {
    attempts++;
    judge_file("pidfd_getfd", (int)syscall(SYS_pidfd_getfd, process, fd, 0));
  }
  close(process);
}

static unsigned long long permitted(int pid) {
  char path[64], line[256];
  unsigned long long set = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *status = fopen(path, "re");
  while (status && fgets(line, sizeof line, status) && sscanf(line, "CapPrm: %llx", &set) != 1) {
  }
  if (status) fclose(status);
  return set;
}

/** Memory of whom it is says the map, which like the memory itself is that of when it was opened. */
static void try_memory(int pid) {
  char path[64], text[4096], byte;
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  attempts++;
  const int maps = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t size = maps < 0 ? -1 : read(maps, text, sizeof text - 1);
  if (size > 0) {
    text[size] = 0;
    if (strstr(text, "memfd:"))
      take("maps", "a memfd");
    else
      own++;
  }
  if (maps >= 0) close(maps);
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  attempts++;
  const int memory = open(path, O_RDWR | O_CLOEXEC);
  if (memory >= 0) own++, close(memory);
  struct iovec to = {&byte, 1}, from = {(void *)0x400000, 1};
  attempts += 2;
  if (process_vm_readv(pid, &to, 1, &from, 1, 0) == 1) own++;
  if (syscall(SYS_kcmp, getpid(), pid, KCMP_FILES, 0, 0) >= 0) own++;
}

/** A program of the runtime that is caught must not have more rights than we have, but for those of changing its user.
 */
static void judge_rights(int pid) {
  static const unsigned long long allowed = 1 << CAP_SETUID | 1 << CAP_SETGID;
  const unsigned long long rights = permitted(pid), ours = permitted(getpid());
  char text[32];
  snprintf(text, sizeof text, "%llx", rights & ~(ours | allowed));
  if (rights & ~(ours | allowed)) take("capabilities", text);
}

/** Who is stopped can be asked in peace who he is. */
static void try_trace(int pid) {
  char program[160];
  int status;
  attempts++;
  if (ptrace(PTRACE_SEIZE, pid, 0, 0)) return;
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
    if (!is_foreign_program(pid, program, sizeof program))
      own++;
    else
      take("ptrace", program), judge_rights(pid);
    ptrace(PTRACE_DETACH, pid, 0, 0);
  }
}

static void attack(int pid) {
  char program[160];
  const int foreign = is_foreign_program(pid, program, sizeof program);
  if ((foreign || (!*program && errno == EACCES)) && !seen[pid]) seen[pid] = 1, met++;
  try_trace(pid);
  try_links(pid);
  try_descriptors(pid);
  try_memory(pid);
}

/** Calls `with` for every process but our own; @returns how many there are */
static void each_process(void (*with)(int pid)) {
  DIR *proc = opendir("/proc");
  if (!proc) fail("/proc");
  for (const struct dirent *entry; !ended && (entry = readdir(proc));) {
    const int pid = atoi(entry->d_name);
    if (pid > 0 && pid < PIDS && pid != getpid() && !known[pid]) with(pid);
  }
  closedir(proc);
}

static void know(int pid) {
  known[pid] = 1;
}

int hunt(int argc, char **argv) {
  (void)argc, (void)argv;
  signal(SIGTERM, end);
  if (stat("/", &root)) fail("/");
  each_process(know);
  printf("hunting\n");
  fflush(stdout);
  while (!ended) each_process(attack);
  printf("{\"met\":%ld,\"attempts\":%ld,\"own\":%ld,\"taken\":[", met, attempts, own);
  for (long i = 0; i < taken && i < TAKEN; i++) {
    printf("%s{\"way\":", i ? "," : "");
    print_string(findings[i][0]);
    printf(",\"what\":");
    print_string(findings[i][1]);
    putchar('}');
  }
  printf("]}\n");
  return 0;
}
