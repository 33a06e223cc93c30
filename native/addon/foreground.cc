/** A container in the foreground: its signals, its terminal, its end. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../core/fd.h"
#include "arguments.h"
#include "changing_files.h"
#include "deadline.h"
#include "exports.h"
#include "process.h"
#include "pump.h"
#include "signals.h"
#include "streams.h"
#include "terminal.h"
#include "urgency.h"

namespace runts::addon {

namespace {

/** Milliseconds for which output is still awaited after the process ended while others hold its terminal. */
constexpr int QUIET_AFTER_END = 100;
/** Milliseconds after which such output is no longer copied, even if it never pauses. */
constexpr int MOST_AFTER_END = 1000;

struct Request {
  pid_t pid;
  int pidfd;
  int console;
  std::vector<int> signals;
  /** A descriptor of the caller's own, -1 = none; `on_readable` is called whenever it has something, until it says
   * false. */
  int watched;
  Napi::Function on_readable;
  /** Of changing_files.h; then `on_change` must be given. */
  std::vector<int> changing;
  /** Gets the content of each after a change of any, and first of all when the process has ended; may be empty. */
  Napi::Function on_change;
};

bool asks_to_end(int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

std::vector<int> caught(std::vector<int> signals, bool terminal) {
  if (terminal) signals.push_back(SIGWINCH);
  return signals;
}

int terminal_or_none(int console, int fd) {
  return console >= 0 && isatty(fd) == 1 ? fd : -1;
}

/** Whether what the caller gives has an end that a terminal would not tell: a null device of a service says nothing. */
bool has_end(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISREG(status.st_mode));
}

/** Signals that are caught already, for a foreground that is about to come. */
std::unique_ptr<SignalPipe> held;

/** That of a foreground which is about to come. */
std::unique_ptr<Urgency> urgency;

/** A standard stream of the caller, joined with a pipe of ours or with the terminal of the process. */
struct Stream {
  Unblocked caller;
  Pump pump;

  static Stream joined(int number, int console) {
    Fd pipe = held_streams ? held_streams->take(static_cast<size_t>(number)) : Fd();
    int other = pipe.get() >= 0 ? pipe.get() : number == STDERR_FILENO ? -1 : console;
    return Stream(number, other, std::move(pipe));
  }

 private:
  Stream(int number, int other, Fd pipe)
      : caller(other >= 0 ? number : -1, number == STDIN_FILENO ? O_RDONLY : O_WRONLY),
        pump(number == STDIN_FILENO ? Pump(caller.fd(), other, Pump::ANY) : Pump(other, caller.fd(), caller.most())) {
    pump.own(std::move(pipe));
  }
};

class Foreground {
 public:
  explicit Foreground(const Request& request)
      : pid_(request.pid),
        pidfd_(request.pidfd),
        console_(request.console),
        signals_(held ? std::move(held) : std::make_unique<SignalPipe>(caught(request.signals, console_ >= 0))),
        raw_(terminal_or_none(console_, STDIN_FILENO)),
        streams_{Stream::joined(0, console_), Stream::joined(1, console_), Stream::joined(2, console_)},
        watched_(request.watched),
        changing_(request.changing),
        types_end_(console_ >= 0 && has_end(STDIN_FILENO)),
        urgency_(std::move(urgency)) {
    if (console_ < 0) return;
    int flags = static_cast<int>(check(fcntl(console_, F_GETFL), "fcntl"));
    check(fcntl(console_, F_SETFL, flags | O_NONBLOCK), "fcntl");
    copy_size();
  }

  Ending run(const Request& request) {
    while (!process_ended_) step(-1, &request);
    urgency_.reset();
    watched_ = -1;
    changing_.forget();
    streams_[STDIN_FILENO].pump.stop();
    return await_end(pid_, pidfd_);
  }

  /**
   * Copies what the process has left in its terminal or pipes. They are read to their end, or while others still hold
   * them: for as long as these do when `patient`, else, and a terminal always, for a bounded time. Our own output is
   * waited for, like any program's. A signal that asks to end ends all of it.
   */
  void drain(bool patient) {
    patient = patient && console_ < 0;
    asked_to_end_ = false;
    Deadline deadline(MOST_AFTER_END);
    while (!finished()) {
      bool writing = !empty();
      if (!writing && !patient && deadline.passed()) return;
      bool moved = step(writing || patient ? -1 : QUIET_AFTER_END, nullptr);
      if (asked_to_end_ || !moved) return;
    }
  }

 private:
  /** Waits once and moves what can be moved; false when nothing happened in time. `request`: until the process ends. */
  bool step(int timeout, const Request* request) {
    enum { PROCESS, SIGNALS, WATCHED, CHANGING, STREAMS = CHANGING + ChangingFiles::MOST };
    pollfd polled[STREAMS + 6] = {
        {process_ended_ ? -1 : pidfd_, POLLIN, 0},
        {signals_->fd(), POLLIN, 0},
        {watched_, POLLIN, 0},
    };
    changing_.poll_for(polled + CHANGING);
    pollfd* next = polled + STREAMS;
    for (const Stream& stream : streams_) {
      *next++ = {stream.pump.polled_source(), POLLIN, 0};
      *next++ = {stream.pump.polled_sink(), POLLOUT, 0};
    }
    long ready = check(retry([&] { return ::poll(polled, std::size(polled), timeout); }), "poll");
    auto changed = [](const pollfd& each) { return each.revents != 0; };
    bool news = request && (std::any_of(polled + CHANGING, polled + STREAMS, changed) || changed(polled[PROCESS]));
    std::vector<std::string> contents = news ? changing_.read() : std::vector<std::string>();
    if (news && !request->on_change.IsEmpty()) tell(request->on_change, contents);
    if (polled[PROCESS].revents & POLLNVAL) throw SystemError{EBADF, "poll", "", ""};
    if (polled[SIGNALS].revents) forward_signals();
    next = polled + STREAMS;
    for (Stream& stream : streams_) {
      if (next[1].revents) stream.pump.flush(next[1].revents & (POLLHUP | POLLERR));
      if (next[0].revents) stream.pump.fill();
      next += 2;
    }
    if (types_end_ && streams_[STDIN_FILENO].pump.finished()) type_end();
    if (polled[WATCHED].revents && !request->on_readable.Call({}).ToBoolean()) watched_ = -1;
    if (polled[PROCESS].revents) process_ended_ = true;
    return ready > 0;
  }

  /** Tells a program that reads from its terminal that the caller's pipe or file has ended, as somebody at a keyboard
   * would. */
  void type_end() {
    types_end_ = false;
    Pump& input = streams_[STDIN_FILENO].pump;
    std::string typed = end_of_input(console_, input.last() != '\n');
    if (!typed.empty()) input.put(typed[0], typed.size());
  }

  static void tell(const Napi::Function& on_change, const std::vector<std::string>& contents) {
    std::vector<napi_value> arguments;
    for (const std::string& text : contents) arguments.push_back(Napi::String::New(on_change.Env(), text));
    on_change.Call(arguments);
  }

  void forward_signals() {
    for (int signal : signals_->take()) {
      if (asks_to_end(signal)) asked_to_end_ = true;
      if (signal == SIGCHLD) {
        reap_adopted(pid_);
      } else if (signal == SIGWINCH && console_ >= 0) {
        copy_size();
      } else {
        // Cannot fail in a way that matters: the process may have ended already.
        if (!process_ended_) syscall(SYS_pidfd_send_signal, pidfd_, signal, nullptr, 0);
        if (signal == SIGTSTP) stop();
        // A shell that took us back into the foreground has left its own modes on the terminal.
        if (signal == SIGCONT) raw_.renew();
      }
    }
  }

  void stop() {
    raw_.suspend();
    signals_->strike(SIGTSTP);
    // It stops nobody whose shell has gone.
    raw_.renew();
  }

  bool finished() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.pump.finished(); });
  }

  bool empty() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.pump.empty(); });
  }

  void copy_size() { copy_window_size(isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : STDOUT_FILENO, console_); }

  const pid_t pid_;
  const int pidfd_;
  const int console_;
  std::unique_ptr<SignalPipe> signals_;
  RawMode raw_;
  std::array<Stream, 3> streams_;
  int watched_;
  ChangingFiles changing_;
  bool types_end_;
  std::unique_ptr<Urgency> urgency_;
  bool process_ended_ = false;
  bool asked_to_end_ = false;
};

/** The foreground whose process has ended, until what that has left is copied. */
std::unique_ptr<Foreground> current;

Napi::Value hold_signals(const Napi::CallbackInfo& info) {
  held = std::make_unique<SignalPipe>(caught(arguments::integers(info[0]), arguments::boolean(info[1])));
  return info.Env().Undefined();
}

Napi::Value hurry(const Napi::CallbackInfo& info) {
  urgency = std::make_unique<Urgency>();
  return info.Env().Undefined();
}

Napi::Value release_foreground(const Napi::CallbackInfo& info) {
  current.reset();
  urgency.reset();
  held.reset();
  held_streams.reset();
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
  if (!changing.IsUndefined()) request.changing = arguments::integers(changing);
  Napi::Value on_change = object.Get("onChange");
  if (on_change.IsFunction()) request.on_change = on_change.As<Napi::Function>();
  current.reset();
  auto foreground = std::make_unique<Foreground>(request);
  Ending ending = foreground->run(request);
  current = std::move(foreground);
  return to_javascript(info.Env(), ending);
}

Napi::Value drain_foreground(const Napi::CallbackInfo& info) {
  auto foreground = std::move(current);
  if (foreground) foreground->drain(arguments::boolean(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void add_foreground(Napi::Object exports) {
  add<hold_signals>(exports, "holdSignals");
  add<hurry>(exports, "hurry");
  add<release_foreground>(exports, "releaseForeground");
  add<foreground>(exports, "foreground");
  add<drain_foreground>(exports, "drainForeground");
}

}  // namespace runts::addon
