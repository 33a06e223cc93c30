// Where the addon is called in whatever way: without anything that could be damaged, and without calls that wait for
// ever.
#include "fuzz_engine_room.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/** For a machine that does not allow it: the test is skipped. */
constexpr int SKIPPED = 69;
/** Milliseconds that a call may wait for somebody else. */
constexpr int PATIENCE = 20;

bool inside = false;

void require(bool truth, const char* what) {
  if (truth) return;
  perror(what);
  _exit(SKIPPED);
}

void write_file(const char* path, const std::string& text, int flags = O_WRONLY) {
  const int fd = open(path, flags | O_CLOEXEC, 0755);
  require(fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()), path);
  close(fd);
}

/** A program that ends at once, for want of a plan: init. */
void copy_program(const std::string& from, const std::string& to) {
  const int fd = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  require(fd >= 0, from.c_str());
  std::string bytes;
  char piece[4096];
  for (ssize_t size; (size = read(fd, piece, sizeof piece)) > 0;) bytes.append(piece, static_cast<size_t>(size));
  close(fd);
  write_file(to.c_str(), bytes, O_WRONLY | O_CREAT);
}

void make_directories(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    mkdir(path.substr(0, at).c_str(), 0755);
  mkdir(path.c_str(), 0755);
}

/** A process that is the first of its pid namespace; this one waits for it. */
void become_first() {
  const pid_t pid = fork();
  require(pid >= 0, "fork");
  if (pid == 0) return;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

void mount_work() {
  umount2("/work", MNT_DETACH);
  require(mount("work", "/work", "tmpfs", 0, "size=8m,nr_inodes=2k") == 0, "/work");
  require(chdir("/work") == 0, "chdir");
  if (symlink("b", "/work/link") != 0) require(false, "symlink");
}

}  // namespace

void enter_room(const std::vector<std::string>& kept) {
  const std::string uid = "0 " + std::to_string(geteuid()) + " 1\n";
  const std::string gid = "0 " + std::to_string(getegid()) + " 1\n";
  require(unshare(CLONE_NEWUSER) == 0, "unshare");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", uid);
  write_file("/proc/self/gid_map", gid);
  require(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) == 0,
          "unshare");
  become_first();
  require(mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0, "/");
  const std::string room = kept.front() + "/room";
  make_directories(room);
  require(mount("room", room.c_str(), "tmpfs", 0, "size=16m,nr_inodes=2k") == 0, "room");
  for (const std::string& path : kept) {
    make_directories(room + path);
    require(mount(path.c_str(), (room + path).c_str(), nullptr, MS_BIND, nullptr) == 0, path.c_str());
  }
  copy_program(kept.front() + "/../Release/init", room + "/program");
  for (const char* name : {"/work", "/proc", "/old"}) mkdir((room + name).c_str(), 0755);
  require(syscall(SYS_pivot_root, room.c_str(), (room + "/old").c_str()) == 0, "pivot_root");
  // Not where something lies over the host's.
  if (mount("proc", "/proc", "proc", 0, nullptr) != 0) perror("proc");
  require(umount2("/old", MNT_DETACH) == 0 && rmdir("/old") == 0, "old");
  mount_work();
  inside = true;
}

void tidy_room() {
  kill(-1, SIGKILL);
  while (waitpid(-1, nullptr, __WALL) > 0) continue;
  syscall(SYS_close_range, 3U, ~0U, 0U);
  mount_work();
}

extern "C" {

int __real_poll(pollfd* polled, nfds_t count, int timeout);
int __real_open(const char* path, int flags, mode_t mode);
ssize_t __real_read(int fd, void* to, size_t size);
ssize_t __real_write(int fd, const void* from, size_t size);
ssize_t __real_recvmsg(int fd, msghdr* message, int flags);
ssize_t __real_sendmsg(int fd, const msghdr* message, int flags);

/** Whoever would wait longer is told EDEADLK: nobody is there who could end it. */
int __wrap_poll(pollfd* polled, nfds_t count, int timeout) {
  const bool bounded = timeout >= 0 && timeout <= PATIENCE;
  const int ready = __real_poll(polled, count, bounded || !inside ? timeout : PATIENCE);
  if (ready != 0 || bounded || !inside) return ready;
  errno = EDEADLK;
  return -1;
}

int __wrap_open(const char* path, int flags, mode_t mode) {
  return __real_open(path, inside ? flags | O_NONBLOCK : flags, mode);
}

/** Whether a call on a descriptor would wait; errno is set then. */
static bool waits(int fd, short events) {
  pollfd polled = {fd, events, 0};
  if (!inside || __real_poll(&polled, 1, PATIENCE) != 0) return false;
  errno = EDEADLK;
  return true;
}

ssize_t __wrap_read(int fd, void* to, size_t size) {
  return waits(fd, POLLIN) ? -1 : __real_read(fd, to, size);
}

ssize_t __wrap_write(int fd, const void* from, size_t size) {
  return waits(fd, POLLOUT) ? -1 : __real_write(fd, from, size);
}

ssize_t __wrap_recvmsg(int fd, msghdr* message, int flags) {
  return waits(fd, POLLIN) ? -1 : __real_recvmsg(fd, message, flags);
}

ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  return waits(fd, POLLOUT) ? -1 : __real_sendmsg(fd, message, flags);
}
}
