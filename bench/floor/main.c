// The floor: what `run` of the bench's bundle takes when nothing decides. By hand, with the fewest system calls and no
// front end: no config.json, no checks, no state on disk, no error messages worth the name.
//
//   floor ROOTFS NAME PROGRAM [ARG…]
//
// What the container gets is that of the default config.json (`runts spec`): cgroups, namespaces, mounts, devices,
// masks, capabilities, rlimits. As in the runtimes, one process makes the cgroups while another one builds the
// namespaces and the mounts. On a machine with cgroup v2 alone the device rules are left out: they would be a BPF
// program.
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "floor.h"

void check(int failed, const char* what) {
  if (!failed) return;
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(125);
}

int exists(const char* path) {
  return access(path, F_OK) == 0;
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  check(socket_fd < 0 || ioctl(socket_fd, SIOCSIFFLAGS, &request), "lo");
  close(socket_fd);
}

static void drop_privileges(void) {
  static const unsigned kept[] = {CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE};
  uint32_t set[2] = {0, 0};
  for (size_t i = 0; i < COUNT(kept); i++) set[kept[i] / 32] |= 1u << kept[i] % 32;
  for (unsigned each = 0; prctl(PR_CAPBSET_READ, each) >= 0; each++) {
    if (!(set[each / 32] >> each % 32 & 1)) check(prctl(PR_CAPBSET_DROP, each), "bounding set");
  }
  check(setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0), "user");
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{set[0], set[0], 0}, {set[1], set[1], 0}};
  check(syscall(SYS_capset, &header, sets), "capset");
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void init(int ready, const char* rootfs, const char* name, char** program) {
  char byte;
  setsid();
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
  raise_loopback();
  check(sethostname("runts", 5), "sethostname");
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
  check(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL) || chdir(rootfs), rootfs);
  check(read(ready, &byte, 1) != 1, "the cgroups");
  enter_cgroups();
  mount_all();
  make_devices();
  change_root();
  protect();
  struct rlimit files = {1024, 1024};
  check(setrlimit(RLIMIT_NOFILE, &files) || chdir("/"), "rlimit");
  drop_privileges();
  syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
  static char* const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
                                      "HOME=/", NULL};
  execve(program[0], program, environment);
  check(1, program[0]);
}

// A fork with clone3's flags. @returns the child's process id, 0 in the child
static pid_t fork_into(uint64_t flags, uint64_t exit_signal, int cgroup) {
  struct clone_args arguments = {.flags = flags, .exit_signal = exit_signal};
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = cgroup;
  }
  pid_t pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  check(pid < 0, "clone3");
  return pid;
}

int main(int argc, char** argv) {
  char rootfs[PATH_MAX];
  int ready[2];
  if (argc < 4) return fprintf(stderr, "usage: floor ROOTFS NAME PROGRAM [ARG…]\n"), 125;
  check(!realpath(argv[1], rootfs) || pipe2(ready, O_CLOEXEC), argv[1]);
  find_hierarchies(argv[2]);
  pid_t intermediate = fork_into(0, SIGCHLD, make_unified_cgroup());
  if (intermediate == 0) {
    uint64_t cgroup = is_unified_only ? CLONE_NEWCGROUP : 0;
    uint64_t namespaces = cgroup | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;
    if (fork_into(namespaces | CLONE_PARENT, 0, -1) == 0) init(ready[0], rootfs, argv[2], argv + 3);
    _exit(0);
  }
  make_other_cgroups();
  int status = 0;
  check(write(ready[1], "", 1) != 1, "init");
  check(wait4(intermediate, &status, __WALL, NULL) < 0 || wait4(-1, &status, __WALL, NULL) < 0, "wait4");
  remove_cgroups();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
