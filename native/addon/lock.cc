/** Locks of files: flock(2) with a time-out, and whether what is locked still is what its path leads to. */
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "../core/arch.h"
#include "../core/fd.h"
#include "arguments.h"
#include "child.h"
#include "deadline.h"
#include "exports.h"

namespace runts::addon {

namespace {

constexpr size_t STACK_SIZE = 16 * 1024;

struct Waiter {
  int fd;
  int operation;
  pid_t owner;
};

/** The lock belongs to the open file, so that a process which shares the descriptor takes it for us. */
int wait_for_lock(void* argument) {
  const auto* waiter = static_cast<const Waiter*>(argument);
  raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
  if (raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0) != waiter->owner) return EOWNERDEAD;
  long result;
  do {
    result = raw_syscall(SYS_flock, waiter->fd, waiter->operation, 0, 0, 0, 0);
  } while (result == -EINTR);
  return static_cast<int>(-result);
}

/**
 * flock(2) has no time-out, and a signal to interrupt it would be the whole process's: of its other threads, and of the
 * container whose signals are caught. So another process waits, and this one waits for that.
 */
void lock_until(int fd, int operation, int64_t timeout) {
  std::vector<char> stack(STACK_SIZE);
  Waiter waiter = {fd, operation, ::getpid()};
  auto top = reinterpret_cast<uintptr_t>(stack.data() + stack.size()) & ~uintptr_t{15};
  int number = -1;
  pid_t pid = start_beside(wait_for_lock, &waiter, reinterpret_cast<char*>(top), &number);
  Fd pidfd(number);
  Deadline deadline(timeout);
  pollfd polled = {pidfd.get(), POLLIN, 0};
  long ready = retry([&] { return ::poll(&polled, 1, deadline.poll_timeout()); });
  if (ready <= 0) syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
  int status = 0;
  check(retry([&] { return ::waitpid(pid, &status, __WALL); }), "waitpid");
  // Killed, or in the moment before that it had the lock: then it is ours.
  int error = WIFEXITED(status) ? WEXITSTATUS(status) : ETIMEDOUT;
  if (error != 0) throw SystemError{error, "flock", "", ""};
}

Napi::Value lock(const Napi::CallbackInfo& info) {
  int fd = arguments::int32(info[0]);
  int operation = arguments::boolean(info[1]) ? LOCK_EX : LOCK_SH;
  int64_t timeout = arguments::int64(info[2]);
  if (retry([&] { return ::flock(fd, operation | LOCK_NB); }) == 0) return info.Env().Undefined();
  if (errno != EWOULDBLOCK) fail("flock");
  if (timeout == 0) throw SystemError{ETIMEDOUT, "flock", "", ""};
  lock_until(fd, operation, timeout);
  return info.Env().Undefined();
}

Napi::Value unlock(const Napi::CallbackInfo& info) {
  check(::flock(arguments::int32(info[0]), LOCK_UN), "flock");
  return info.Env().Undefined();
}

Napi::Value leads_to(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  struct stat open = {};
  check(::fstat(arguments::int32(info[1]), &open), "fstat");
  struct stat there = {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) fail("lstat", path.c_str());
    return Napi::Boolean::New(info.Env(), false);
  }
  return Napi::Boolean::New(info.Env(), open.st_dev == there.st_dev && open.st_ino == there.st_ino);
}

}  // namespace

void add_lock(Napi::Object exports) {
  add<lock>(exports, "lock");
  add<unlock>(exports, "unlock");
  add<leads_to>(exports, "leadsTo");
}

}  // namespace runts::addon
