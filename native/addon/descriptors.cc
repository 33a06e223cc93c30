/** Calls on file descriptors: open, close, wait for input, lock. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "arguments.h"
#include "deadline.h"
#include "exports.h"

// timer_create(2) names the member so; glibc before 2.38 does not.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace runts::addon {

namespace {

Napi::Value open_path(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  int flags = arguments::int32(info[1]) | O_CLOEXEC;
  mode_t mode = arguments::uint32(info[2]);
  long fd = check(retry([&] { return ::open(path.c_str(), flags, mode); }), "open", path.c_str());
  return Napi::Number::New(info.Env(), static_cast<double>(fd));
}

Napi::Value close_fd(const Napi::CallbackInfo& info) {
  // Never repeated: Linux has closed the descriptor even when it says EINTR.
  if (::close(arguments::int32(info[0])) != 0 && errno != EINTR) fail("close");
  return info.Env().Undefined();
}

Napi::Value is_terminal(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ::isatty(arguments::int32(info[0])) == 1);
}

Napi::Value poll_in(const Napi::CallbackInfo& info) {
  std::vector<pollfd> polled;
  for (int fd : arguments::integers(info[0])) polled.push_back({fd, POLLIN, 0});
  Deadline deadline(arguments::int32(info[1]));
  check(retry([&] { return ::poll(polled.data(), polled.size(), deadline.poll_timeout()); }), "poll");
  Napi::Array ready = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (size_t i = 0; i < polled.size(); i++) {
    if (polled[i].revents & POLLNVAL) throw SystemError{EBADF, "poll", "", std::to_string(polled[i].fd)};
    if (polled[i].revents != 0) ready.Set(count++, static_cast<double>(i));
  }
  return ready;
}

/**
 * Interrupts the blocking system calls of this thread once a time is over, and then again and again, so that one which
 * was about to begin does not escape. flock(2) has no timeout of its own.
 */
class Interruption {
 public:
  explicit Interruption(int64_t milliseconds) {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    sigaction(SIGNAL(), &action, &old_action_);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGNAL());
    pthread_sigmask(SIG_UNBLOCK, &signals, &old_mask_);
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGNAL();
    event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
      int error = errno;
      restore();
      throw SystemError{error, "timer_create", "", ""};
    }
    itimerspec times = {};
    times.it_value = {milliseconds / 1000, (milliseconds % 1000) * 1'000'000};
    times.it_interval = {0, 10'000'000};
    timer_settime(timer_, 0, &times, nullptr);
  }
  ~Interruption() {
    timer_delete(timer_);
    restore();
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  // A real-time signal that neither the engines nor the C library use.
  static int SIGNAL() { return SIGRTMAX - 5; }

  void restore() {
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
    sigaction(SIGNAL(), &old_action_, nullptr);
  }

  timer_t timer_ = {};
  struct sigaction old_action_ = {};
  sigset_t old_mask_ = {};
};

Napi::Value lock(const Napi::CallbackInfo& info) {
  int fd = arguments::int32(info[0]);
  int operation = arguments::boolean(info[1]) ? LOCK_EX : LOCK_SH;
  int64_t timeout = arguments::int64(info[2]);
  if (retry([&] { return ::flock(fd, operation | LOCK_NB); }) == 0) return info.Env().Undefined();
  if (errno != EWOULDBLOCK) fail("flock");
  if (timeout == 0) throw SystemError{ETIMEDOUT, "flock", "", ""};
  if (timeout < 0) {
    check(retry([&] { return ::flock(fd, operation); }), "flock");
    return info.Env().Undefined();
  }
  Deadline deadline(timeout);
  Interruption interruption(timeout);
  while (::flock(fd, operation) != 0) {
    if (errno != EINTR) fail("flock");
    if (deadline.passed()) throw SystemError{ETIMEDOUT, "flock", "", ""};
  }
  return info.Env().Undefined();
}

}  // namespace

void add_descriptors(Napi::Object exports) {
  add<open_path>(exports, "open");
  add<close_fd>(exports, "close");
  add<is_terminal>(exports, "isTerminal");
  add<poll_in>(exports, "pollIn");
  add<lock>(exports, "lock");
}

}  // namespace runts::addon
