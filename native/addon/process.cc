/** Other processes: pidfds, signals, reaping, what proc says of them. */
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "../core/fd.h"
#include "../core/newer.h"
#include "arguments.h"
#include "deadline.h"
#include "exports.h"

namespace runts::addon {

namespace {

/** Milliseconds for a child that has been killed, or has nothing left to do. */
constexpr int END_TIMEOUT = 10'000;
/** Field of /proc/pid/stat that tells of a zombie what waitpid(2) would. */
constexpr int EXIT_CODE = 52;

Ending ending_of(int status) {
  if (WIFSIGNALED(status)) return Ending{-1, WTERMSIG(status)};
  return Ending{WEXITSTATUS(status), 0};
}

/** One field of `text`, which starts with field 3 (proc(5), /proc/pid/stat); empty beyond the end. */
const char* stat_field(const char* text, int field) {
  for (int current = 3; current < field; current++) {
    text = strchr(text, ' ');
    if (text == nullptr) return "";
    text++;
  }
  return text;
}

/** The fields of /proc/pid/stat from the third on, in `text`; nullptr when there is no such process. */
const char* stat_fields(pid_t pid, char (&text)[2048]) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  Fd fd(retry([&] { return ::open(path, O_RDONLY | O_CLOEXEC); }));
  if (fd.get() < 0) {
    if (errno == ENOENT) return nullptr;
    fail("open", path);
  }
  long size = retry([&] { return ::read(fd.get(), text, sizeof text - 1); });
  // The process went away between open and read.
  if (size < 0 && errno == ESRCH) return nullptr;
  check(size, "read", path);
  text[size] = '\0';
  // The program's name (field 2) may itself hold parentheses and spaces: only the last one ends it.
  const char* name_end = strrchr(text, ')');
  if (name_end == nullptr || name_end[1] == '\0') throw SystemError{EINVAL, "read", path, "malformed"};
  return name_end + 2;
}

}  // namespace

std::optional<Ending> reap(pid_t pid) {
  int status = 0;
  long reaped = check(retry([&] { return ::waitpid(pid, &status, WNOHANG); }), "waitpid");
  if (reaped == 0) return std::nullopt;
  return ending_of(status);
}

Ending await_end(pid_t pid, int pidfd) {
  if (std::optional<Ending> ended = reap(pid)) return *ended;
  Fd opened;
  if (pidfd < 0) {
    opened = Fd(open_pidfd(pid));
    pidfd = opened.get();
  }
  Deadline deadline(END_TIMEOUT);
  pollfd polled = {pidfd, POLLIN, 0};
  if (check(retry([&] { return ::poll(&polled, 1, deadline.poll_timeout()); }), "poll") == 0) {
    throw SystemError{ETIMEDOUT, "waitpid", "", "process " + std::to_string(pid) + " does not end"};
  }
  if (std::optional<Ending> ended = reap(pid)) return *ended;
  char text[2048];
  const char* fields = stat_fields(pid, text);
  return ending_of(fields == nullptr ? 0 : atoi(stat_field(fields, EXIT_CODE)));
}

void reap_adopted(pid_t but) {
  for (;;) {
    siginfo_t info = {};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 || info.si_pid == but) return;
    waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

Napi::Object to_javascript(Napi::Env env, const Ending& ending) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("status", ending.status);
  result.Set("signal", ending.signal);
  return result;
}

int open_pidfd(pid_t pid) {
  long pidfd = syscall(SYS_pidfd_open, pid, 0);
  // Linux up to 6.12 says EINVAL when the process is gone and its number lives on as that of a session, a process group
  // or a thread; newer ones say ESRCH, and ENOENT for a thread.
  if (pidfd < 0 && pid > 0 && (errno == EINVAL || errno == ENOENT)) errno = ESRCH;
  return static_cast<int>(check(pidfd, "pidfd_open"));
}

namespace {

Napi::Value pidfd_open_pid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), open_pidfd(arguments::int32(info[0])));
}

Napi::Value pidfd_send(const Napi::CallbackInfo& info) {
  int pidfd = arguments::int32(info[0]);
  check(syscall(SYS_pidfd_send_signal, pidfd, arguments::int32(info[1]), nullptr, 0), "pidfd_send_signal");
  return info.Env().Undefined();
}

/** The kernel keeps it from the reaping on for as long as a pidfd is open. */
Napi::Value end_of(const Napi::CallbackInfo& info) {
  pidfd_info asked = {};
  asked.mask = PIDFD_INFO_EXIT;
  if (::ioctl(arguments::int32(info[0]), PIDFD_GET_INFO, &asked) != 0) return info.Env().Null();
  if ((asked.mask & PIDFD_INFO_EXIT) == 0) return info.Env().Null();
  return to_javascript(info.Env(), ending_of(asked.exit_code));
}

Napi::Value kill_pid(const Napi::CallbackInfo& info) {
  int pid = arguments::int32(info[0]);
  // 0 is our own process group and -1 everybody: never meant, and fatal to the host.
  if (pid == 0 || pid == -1) throw SystemError{EINVAL, "kill", "", ""};
  check(::kill(pid, arguments::int32(info[1])), "kill");
  return info.Env().Undefined();
}

Napi::Value process_group(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(check(::getpgid(arguments::int32(info[0])), "getpgid")));
}

Napi::Value wait_pid(const Napi::CallbackInfo& info) {
  pid_t pid = arguments::int32(info[0]);
  std::optional<Ending> ending = arguments::boolean(info[1]) ? reap(pid) : await_end(pid);
  if (!ending) return info.Env().Null();
  return to_javascript(info.Env(), *ending);
}

/** Microseconds, exact in a double for the lives of all processes. */
double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

Napi::Value wait_usage(const Napi::CallbackInfo& info) {
  constexpr double KIB = 1024;
  constexpr double BLOCK = 512;
  pid_t pid = arguments::int32(info[0]);
  int status = 0;
  rusage used = {};
  if (check(retry([&] { return ::wait4(pid, &status, WNOHANG, &used); }), "wait4") == 0) return info.Env().Null();
  Napi::Object result = to_javascript(info.Env(), ending_of(status));
  result.Set("userTime", microseconds(used.ru_utime));
  result.Set("systemTime", microseconds(used.ru_stime));
  result.Set("peakMemory", static_cast<double>(used.ru_maxrss) * KIB);
  result.Set("readBytes", static_cast<double>(used.ru_inblock) * BLOCK);
  result.Set("writtenBytes", static_cast<double>(used.ru_oublock) * BLOCK);
  return result;
}

Napi::Value process_stat(const Napi::CallbackInfo& info) {
  char text[2048];
  const char* fields = stat_fields(arguments::int32(info[0]), text);
  if (fields == nullptr) return info.Env().Null();
  Napi::Object result = Napi::Object::New(info.Env());
  uint64_t start_time = strtoull(stat_field(fields, 22), nullptr, 10);
  result.Set("startTime", Napi::BigInt::New(info.Env(), start_time));
  result.Set("state", Napi::String::New(info.Env(), fields, 1));
  return result;
}

Napi::Value nofile_of(const Napi::CallbackInfo& info) {
  rlimit limit;
  check(::prlimit(arguments::int32(info[0]), RLIMIT_NOFILE, nullptr, &limit), "prlimit");
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, Napi::BigInt::New(info.Env(), static_cast<uint64_t>(limit.rlim_cur)));
  result.Set(1u, Napi::BigInt::New(info.Env(), static_cast<uint64_t>(limit.rlim_max)));
  return result;
}

}  // namespace

void add_process(Napi::Object exports) {
  add<pidfd_open_pid>(exports, "pidfdOpen");
  add<pidfd_send>(exports, "pidfdSendSignal");
  add<end_of>(exports, "endOf");
  add<kill_pid>(exports, "kill");
  add<process_group>(exports, "processGroup");
  add<wait_pid>(exports, "waitPid");
  add<wait_usage>(exports, "waitUsage");
  add<process_stat>(exports, "processStat");
  add<nofile_of>(exports, "nofileOf");
}

}  // namespace runts::addon
