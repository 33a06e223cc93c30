// The root filesystem of the container.
#define _GNU_SOURCE
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "floor.h"

#define HARDENED (MS_NOSUID | MS_NOEXEC | MS_NODEV)

static void mount_new(const char* type, const char* target, unsigned long flags, const char* options) {
  check(mount(type, target, type, flags, options), target);
}

static void bind_mount(const char* source, const char* target, unsigned long flags) {
  check(mount(source, target, NULL, MS_BIND, NULL), target);
  if (flags) check(mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | flags, NULL), target);
}

static void mount_cgroups(void) {
  if (is_unified_only) {
    check(mount("cgroup", "sys/fs/cgroup", "cgroup2", HARDENED | MS_RELATIME | MS_RDONLY, NULL), "cgroup");
    return;
  }
  mount_new("tmpfs", "sys/fs/cgroup", HARDENED | MS_RELATIME, "mode=755");
  for (int i = 0; i < hierarchy_count; i++) {
    if (!*hierarchies[i].name) continue;
    char target[128];
    snprintf(target, sizeof target, "sys/fs/cgroup/%.63s", hierarchies[i].name);
    check(mkdir(target, 0755), target);
    bind_mount(hierarchies[i].path, target, HARDENED | MS_RELATIME | MS_RDONLY);
  }
}

void mount_all(void) {
  mount_new("proc", "proc", 0, NULL);
  mount_new("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  check(mkdir("dev/pts", 0755) || mkdir("dev/shm", 0755) || mkdir("dev/mqueue", 0755), "dev");
  mount_new("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
  check(mount("shm", "dev/shm", "tmpfs", HARDENED, "mode=1777,size=65536k"), "dev/shm");
  mount_new("mqueue", "dev/mqueue", HARDENED, NULL);
  mount_new("sysfs", "sys", HARDENED | MS_RDONLY, NULL);
  mount_cgroups();
}

void make_devices(void) {
  static const struct {
    const char* path;
    unsigned major, minor;
  } devices[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
  static const char* const links[][2] = {{"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
                                         {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
                                         {"/proc/kcore", "dev/core"},       {"pts/ptmx", "dev/ptmx"}};
  mode_t mask = umask(0);
  for (size_t i = 0; i < COUNT(devices); i++) {
    check(mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)), devices[i].path);
  }
  umask(mask);
  for (size_t i = 0; i < COUNT(links); i++) {
    if (*links[i][0] == '/' && !exists(links[i][0])) continue;
    check(symlink(links[i][0], links[i][1]), links[i][1]);
  }
}

void change_root(void) {
  check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(umount2(".", MNT_DETACH), "the old root");
}

void protect(void) {
  static const char* const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  static const char* const masked[] = {
      "/proc/acpi",       "/proc/asound",      "/proc/kcore",       "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/devices/virtual/tpm",
      "/sys/firmware",
  };
  if (!is_unified_only)
    check(mount(NULL, "/sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | HARDENED | MS_RELATIME | MS_RDONLY, NULL),
          "cgroup");
  check(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "/");
  for (size_t i = 0; i < COUNT(read_only); i++) {
    if (exists(read_only[i])) bind_mount(read_only[i], read_only[i], MS_RDONLY);
  }
  const char* empty = NULL;  // One filesystem for every directory.
  for (size_t i = 0; i < COUNT(masked); i++) {
    struct stat status;
    if (stat(masked[i], &status)) continue;
    if (!S_ISDIR(status.st_mode)) {
      bind_mount("/dev/null", masked[i], 0);
    } else if (empty) {
      bind_mount(empty, masked[i], 0);
    } else {
      empty = masked[i];
      mount_new("tmpfs", empty, HARDENED | MS_RDONLY, "mode=755,size=4k,nr_inodes=1");
    }
  }
}
