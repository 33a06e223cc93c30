/** A container in the foreground: its signals, its terminal, its end. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "deadline.h"
#include "exports.h"
#include "pipe_signal.h"
#include "process.h"
#include "signals.h"
#include "terminal.h"

namespace runts::addon {

namespace {

/** Milliseconds for which output is still awaited after the process ended while others hold its terminal. */
constexpr int QUIET_AFTER_END = 100;
/** Milliseconds after which such output is no longer copied, even if it never pauses. */
constexpr int MOST_AFTER_END = 1000;
/** Bytes of a changing file that are looked at. */
constexpr size_t MOST_OF_FILE = 4096;

struct Request {
  pid_t pid;
  int pidfd;
  int console;
  std::vector<int> signals;
  /** A descriptor of the caller's own, -1 = none; `on_readable` is called whenever it has something, until it says
   * false. */
  int watched;
  Napi::Function on_readable;
  /** A kernfs file that tells of changes by POLLPRI, -1 = none; then `on_change` must be given. */
  int changing;
  /** Gets its content after each change, and first of all when the process has ended; may be empty. */
  Napi::Function on_change;
};

/** Ours to act on, not the container's: its own job control has its own terminal; SIGCHLD tells of our children. */
bool stays_here(int signal) {
  return signal == SIGCHLD || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

bool asks_to_end(int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

std::vector<int> caught(const Request& request) {
  std::vector<int> signals;
  std::copy_if(request.signals.begin(), request.signals.end(), std::back_inserter(signals),
               [](int signal) { return !stays_here(signal); });
  if (request.console >= 0) signals.push_back(SIGWINCH);
  return signals;
}

int terminal_or_none(int console, int fd) {
  return console >= 0 && isatty(fd) == 1 ? fd : -1;
}

/** Signals that are caught already, for a foreground that is about to come. */
std::unique_ptr<SignalPipe> held;

class Foreground {
 public:
  explicit Foreground(const Request& request)
      : request_(request),
        signals_(held ? std::move(held) : std::make_unique<SignalPipe>(caught(request))),
        raw_(terminal_or_none(request.console, STDIN_FILENO)),
        output_(STDOUT_FILENO),
        to_console_(request.console >= 0 ? STDIN_FILENO : -1, request.console),
        from_console_(request.console, output_.fd()),
        watched_(request.watched),
        changing_(request.changing) {
    if (request.console < 0) return;
    int flags = static_cast<int>(check(fcntl(request.console, F_GETFL), "fcntl"));
    check(fcntl(request.console, F_SETFL, flags | O_NONBLOCK), "fcntl");
    copy_size();
  }

  Ending run() {
    while (!process_ended_) step(-1);
    if (!request_.on_change.IsEmpty()) note_change();
    Ending ending = *wait_for(request_.pid, 0);
    drain();
    return ending;
  }

 private:
  /** Waits once and moves what can be moved; false when nothing happened in time. */
  bool step(int timeout) {
    enum { PROCESS, SIGNALS, INPUT, CONSOLE_OUT, CONSOLE_IN, OUTPUT, WATCHED, CHANGING, COUNT };
    pollfd polled[COUNT] = {
        {process_ended_ ? -1 : request_.pidfd, POLLIN, 0},
        {signals_->fd(), POLLIN, 0},
        {to_console_.polled_source(), POLLIN, 0},
        {to_console_.polled_sink(), POLLOUT, 0},
        {from_console_.polled_source(), POLLIN, 0},
        {from_console_.polled_sink(), POLLOUT, 0},
        {watched_, POLLIN, 0},
        {process_ended_ ? -1 : changing_, POLLPRI, 0},
    };
    long ready = check(retry([&] { return ::poll(polled, COUNT, timeout); }), "poll");
    if (polled[PROCESS].revents & POLLNVAL) throw SystemError{EBADF, "poll", "", ""};
    if (polled[CHANGING].revents) note_change();
    if (polled[SIGNALS].revents) forward_signals();
    if (polled[CONSOLE_OUT].revents) to_console_.flush(polled[CONSOLE_OUT].revents & POLLHUP);
    if (polled[OUTPUT].revents) from_console_.flush(polled[OUTPUT].revents & (POLLHUP | POLLERR));
    if (polled[INPUT].revents) to_console_.fill();
    if (polled[CONSOLE_IN].revents) from_console_.fill();
    if (polled[WATCHED].revents && !request_.on_readable.Call({}).ToBoolean()) watched_ = -1;
    if (polled[PROCESS].revents) process_ended_ = true;
    return ready > 0;
  }

  /** Read at once: its directory may be gone a moment later. */
  void note_change() {
    char content[MOST_OF_FILE];
    ssize_t size = ::pread(request_.changing, content, sizeof content, 0);
    // Poll says for ever that a file without a directory has changed.
    if (size < 0) changing_ = -1;
    std::string text(content, static_cast<size_t>(std::max<ssize_t>(size, 0)));
    request_.on_change.Call({Napi::String::New(request_.on_change.Env(), text)});
  }

  void forward_signals() {
    for (int signal : signals_->take()) {
      if (asks_to_end(signal)) asked_to_end_ = true;
      if (signal == SIGWINCH && request_.console >= 0) {
        copy_size();
        continue;
      }
      // A shell that took us back into the foreground has left its own modes on the terminal.
      if (signal == SIGCONT) raw_.renew();
      // Cannot fail in a way that matters: the process may have ended already.
      syscall(SYS_pidfd_send_signal, request_.pidfd, signal, nullptr, 0);
    }
  }

  /**
   * Copies what the process has left in its terminal. The console is read to its end (EIO), or while others still hold
   * it for a bounded time; our own output is waited for, like any program's, until a signal says otherwise.
   */
  void drain() {
    to_console_.stop();
    asked_to_end_ = false;
    Deadline deadline(MOST_AFTER_END);
    while (from_console_.source_open() || !from_console_.empty()) {
      bool writing = !from_console_.empty();
      if (!writing && deadline.passed()) return;
      bool moved = step(writing ? -1 : QUIET_AFTER_END);
      if (asked_to_end_ || !moved) return;
    }
  }

  void copy_size() { copy_window_size(isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : STDOUT_FILENO, request_.console); }

  const Request& request_;
  std::unique_ptr<SignalPipe> signals_;
  // After the pipe, which unblocks what it catches: a closed output of ours is no signal to the container.
  PipeSignalBlock no_sigpipe_;
  RawMode raw_;
  Output output_;
  Pump to_console_;
  Pump from_console_;
  int watched_;
  int changing_;
  bool process_ended_ = false;
  bool asked_to_end_ = false;
};

Napi::Value hold_signals(const Napi::CallbackInfo& info) {
  Request request = {};
  request.signals = arguments::integers(info[0]);
  request.console = arguments::boolean(info[1]) ? 0 : -1;
  held = std::make_unique<SignalPipe>(caught(request));
  return info.Env().Undefined();
}

Napi::Value release_signals(const Napi::CallbackInfo& info) {
  held.reset();
  return info.Env().Undefined();
}

Napi::Value foreground(const Napi::CallbackInfo& info) {
  auto object = info[0].As<Napi::Object>();
  Request request;
  request.pid = arguments::int32(object.Get("pid"));
  request.pidfd = arguments::int32(object.Get("pidfd"));
  request.console = arguments::int32(object.Get("console"));
  request.signals = arguments::integers(object.Get("signals"));
  Napi::Value watched = object.Get("watched");
  request.watched = watched.IsUndefined() ? -1 : arguments::int32(watched);
  if (request.watched >= 0) request.on_readable = object.Get("onReadable").As<Napi::Function>();
  Napi::Value changing = object.Get("changing");
  request.changing = changing.IsUndefined() ? -1 : arguments::int32(changing);
  Napi::Value on_change = object.Get("onChange");
  if (on_change.IsFunction()) request.on_change = on_change.As<Napi::Function>();
  return to_javascript(info.Env(), Foreground(request).run());
}

}  // namespace

void add_foreground(Napi::Object exports) {
  add<hold_signals>(exports, "holdSignals");
  add<release_signals>(exports, "releaseSignals");
  add<foreground>(exports, "foreground");
}

}  // namespace runts::addon
