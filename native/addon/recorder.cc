/** A process of its own that notes the system calls of others: their tracer (ptrace(2)), where a filter says
 * SECCOMP_RET_TRACE. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "../core/fd.h"
#include "../core/newer.h"
#include "arguments.h"
#include "exports.h"
#include "socket_address.h"

namespace runts::addon {

namespace {

/** With the tracer ends whoever it traces: unfiltered nothing goes on, nor does anything wait for a tracer that is
 * gone. */
constexpr unsigned long OPTIONS =
    PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;

/** Stops that are looked at before the sockets are: a flood of calls keeps nobody from being admitted. */
constexpr int STOPS_AT_ONCE = 1000;

/** Seconds that somebody who has connected may take to say what for. */
constexpr time_t PATIENCE = 1;

/** What whoever has the socket asks for: the pid of a process to trace, or this. */
constexpr int32_t FINISH = 0;

struct Call {
  /** AUDIT_ARCH_*; never 0. */
  uint32_t architecture;
  uint32_t number;
};

/** Every call once. */
class Calls {
 public:
  void add(Call call) {
    uint32_t hash = (call.architecture ^ call.number * 0x9E3779B1U) % SLOTS;
    while (slots_[hash].architecture != 0) {
      if (slots_[hash].architecture == call.architecture && slots_[hash].number == call.number) return;
      hash = (hash + 1) % SLOTS;
    }
    // Numbers that no kernel knows are as many as somebody likes.
    if (count_ == MOST) {
      lost_ = 1;
    } else {
      slots_[hash] = call;
      count_++;
    }
  }

  void send(int socket) const {
    write_all(socket, &lost_, sizeof lost_);
    for (const Call& call : slots_) {
      if (call.architecture != 0) write_all(socket, &call, sizeof call);
    }
  }

 private:
  static constexpr size_t SLOTS = 8192;
  static constexpr uint32_t MOST = 4096;

  static void write_all(int socket, const void* bytes, size_t size) {
    // Of a caller that is gone nobody reads it.
    if (::send(socket, bytes, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) _exit(1);
  }

  std::array<Call, SLOTS> slots_ = {};
  uint32_t count_ = 0;
  uint32_t lost_ = 0;
};

long trace(unsigned long request, pid_t pid, unsigned long address, unsigned long data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

constexpr uint64_t bit_of(int signal) {
  return uint64_t{1} << (signal - 1);
}

/** What an instruction may bring about. */
constexpr uint64_t FAULTS =
    bit_of(SIGSEGV) | bit_of(SIGBUS) | bit_of(SIGILL) | bit_of(SIGFPE) | bit_of(SIGTRAP) | bit_of(SIGSYS);

/** The signals that a process handles (proc(5), SigCgt); all when nothing is known. */
uint64_t caught(pid_t pid) {
  char text[4096];
  snprintf(text, sizeof text, "/proc/%d/status", pid);
  const int fd = open(text, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ~uint64_t{0};
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  text[size < 0 ? 0 : size] = '\0';
  const char* found = strstr(text, "\nSigCgt:");
  return found == nullptr ? ~uint64_t{0} : strtoull(found + strlen("\nSigCgt:"), nullptr, 16);
}

/** The process itself. A copy of one thread of several: it asks for no memory. */
class Recorder {
 public:
  Recorder(int owner, int door, int signals) : owner_(owner), door_(door), signals_(signals), caller_(getpid()) {}

  [[noreturn]] void run() {
    for (bool busy = false;;) {
      pollfd polled[] = {{owner_, POLLIN, 0}, {door_, POLLIN, 0}, {signals_, POLLIN, 0}};
      if (::poll(polled, 3, busy ? 0 : -1) < 0) _exit(1);
      if (polled[2].revents != 0) {
        signalfd_siginfo information;
        if (::read(signals_, &information, sizeof information) < 0 && errno != EAGAIN) _exit(1);
      }
      busy = follow();
      if (polled[0].revents != 0 && !serve(owner_)) _exit(0);
      if (polled[1].revents != 0) admit();
    }
  }

 private:
  /** @return whether there may be more of them. */
  bool follow() {
    for (int i = 0; i < STOPS_AT_ONCE; i++) {
      int status = 0;
      pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
      if (pid <= 0) return false;
      if (WIFSTOPPED(status)) go_on(pid, status);
    }
    return true;
  }

  /** Has a process that stands go on, as if nobody looked. One that has been killed meanwhile is none any more. */
  void go_on(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) note(pid);
    if (event == 0 && faults(pid, signal)) {
      // It does the same again, which ends it.
      trace(PTRACE_DETACH, pid, 0, 0);
    } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
      // Job control has stopped it: SIGCONT is what it waits for.
      trace(PTRACE_LISTEN, pid, 0, 0);
    } else {
      trace(PTRACE_CONT, pid, 0, event == 0 ? static_cast<unsigned long>(signal) : 0);
    }
  }

  /**
   * Whether the signal comes of what the process has just done, and nobody handles it. The kernel would end the
   * process, the first one of a pid namespace too; but while that is traced such a signal passes it by, and it would do
   * the same for ever.
   */
  static bool faults(pid_t pid, int signal) {
    siginfo_t cause = {};
    const uint64_t bit = bit_of(signal);
    return (FAULTS & bit) != 0 && trace(PTRACE_GETSIGINFO, pid, 0, reinterpret_cast<unsigned long>(&cause)) == 0 &&
           cause.si_code > 0 && (caught(pid) & bit) == 0;
  }

  void note(pid_t pid) {
    ptrace_syscall_info call = {};
    if (trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, reinterpret_cast<unsigned long>(&call)) < 0) {
      // A profile with holes is none.
      if (errno != ESRCH) _exit(1);
    } else if (call.op == PTRACE_SYSCALL_INFO_SECCOMP) {
      calls_.add({call.arch, static_cast<uint32_t>(call.seccomp.nr)});
    }
  }

  /** @return false when who had the socket is gone, or the record is given. */
  bool serve(int socket) {
    int32_t pid = 0;
    if (::recv(socket, &pid, sizeof pid, MSG_WAITALL) != sizeof pid) return false;
    if (pid == FINISH) {
      if (socket != owner_) return false;
      while (follow()) continue;
      calls_.send(socket);
      return false;
    }
    // Who has started this is never meant, and would end with it.
    const bool meant = pid > 0 && pid != caller_;
    const int32_t answer = !meant ? EPERM : trace(PTRACE_SEIZE, pid, 0, OPTIONS) == 0 ? 0 : errno;
    return ::send(socket, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer;
  }

  void admit() {
    int socket = accept4(door_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    timeval patience = {PATIENCE, 0};
    if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0) serve(socket);
    close(socket);
  }

  int owner_;
  int door_;
  int signals_;
  pid_t caller_;
  Calls calls_;
};

/** Leaves the terminal of the caller, what he has open but for `needed`, and the sight of others. */
[[noreturn]] void become_recorder(Recorder* recorder, const Fd (&needed)[3]) {
  prctl(PR_SET_DUMPABLE, 0);
  setsid();
  for (int to = 0; to < 3; to++) {
    if (dup2(needed[to].get(), to) < 0) _exit(1);
  }
  if (syscall(__NR_close_range, 3, ~0U, 0) != 0) _exit(1);
  recorder->run();
}

/** Above the places that the recorder has for it. */
Fd lifted(int fd) {
  return Fd(check(fcntl(fd, F_DUPFD_CLOEXEC, 3), "fcntl"));
}

Fd listening(const std::string& path) {
  Fd door(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket"));
  Fd holder;
  SocketAddress address = new_socket_address(path, &holder);
  check(::bind(door.get(), address.get(), address.size), "bind", path.c_str());
  check(::listen(door.get(), 16), "listen", path.c_str());
  return door;
}

Napi::Value start_recorder(const Napi::CallbackInfo& info) {
  Fd door = listening(arguments::c_text(info[0]));
  int pair[2];
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  sigset_t all;
  sigset_t ended;
  sigset_t before;
  sigfillset(&all);
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  Fd signals(check(signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
  const Fd needed[] = {lifted(theirs.get()), lifted(door.get()), lifted(signals.get())};
  static Recorder recorder(0, 1, 2);
  sigprocmask(SIG_SETMASK, &all, &before);
  long pid = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) become_recorder(&recorder, needed);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) throw SystemError{error, "clone", "", ""};
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("pid", static_cast<double>(pid));
  result.Set("socket", ours.release());
  return result;
}

}  // namespace

void add_recorder(Napi::Object exports) {
  add<start_recorder>(exports, "startRecorder");
}

}  // namespace runts::addon
