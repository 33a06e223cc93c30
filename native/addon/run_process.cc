/** A program run to its end: hooks of the runtime namespace and other host programs. */
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "../core/fd.h"
#include "arguments.h"
#include "child.h"
#include "deadline.h"
#include "exports.h"
#include "pipe_signal.h"
#include "process.h"

namespace runts::addon {

namespace {

constexpr size_t USUAL_OUTPUT = 64 * 1024;

struct Request {
  std::string path;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::string stdin_text;
  int64_t timeout;
  bool keeps_end;
  size_t most_output = USUAL_OUTPUT;
  /** Called with the pid as soon as the program runs; what it throws ends the program. */
  Napi::Function on_started;
};

struct HookChild {
  const char* path;
  const char* cwd;
  char* const* args;
  char* const* env;
  int input;
  int output;
  pid_t parent;
  ChildFailure failure;
};

int run_hook(void* argument) {
  auto* child = static_cast<HookChild*>(argument);
  reset_signals();
  setpgid(0, 0);
  // A hook without the command that waits for it would go on with a container that nobody makes.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) give_up(&child->failure, "prctl");
  if (getppid() != child->parent) _exit(127);
  // Pipes of ours lie above 2 even when the caller runs without stdio (see make_pipe), so that dup2 destroys none of
  // them.
  if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->output, 2) < 0) {
    give_up(&child->failure, "dup2");
  }
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0) give_up(&child->failure, "close_range");
  if (*child->cwd != '\0' && chdir(child->cwd) < 0) give_up(&child->failure, "chdir");
  execve(child->path, child->args, child->env);
  give_up(&child->failure, "execve");
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

struct Pipe {
  Fd read;
  Fd write;
};

Fd above_stdio(Fd fd) {
  if (fd.get() > 2) return fd;
  return Fd(check(fcntl(fd.get(), F_DUPFD_CLOEXEC, 3), "fcntl"));
}

Pipe make_pipe() {
  int ends[2];
  check(pipe2(ends, O_CLOEXEC), "pipe2");
  Pipe pipe = {Fd(ends[0]), Fd(ends[1])};
  pipe.read = above_stdio(std::move(pipe.read));
  pipe.write = above_stdio(std::move(pipe.write));
  return pipe;
}

void set_nonblocking(int fd) {
  check(fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl");
}

/** A running child with our ends of its pipes. */
class Exchange {
 public:
  Exchange(pid_t pid, Fd pidfd, Fd input, Fd output, const Request& request)
      : pid_(pid),
        pidfd_(std::move(pidfd)),
        input_(std::move(input)),
        output_(std::move(output)),
        text_(request.stdin_text),
        keeps_end_(request.keeps_end),
        most_output_(request.most_output) {}

  /** Feeds and collects until the child ends; false when the time is up before that. */
  bool run(const Deadline& deadline) {
    if (text_.empty()) input_.reset();
    for (;;) {
      pollfd polled[] = {{pidfd_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {input_.get(), POLLOUT, 0}};
      long ready = check(retry([&] { return ::poll(polled, 3, deadline.poll_timeout()); }), "poll");
      if (polled[2].revents != 0) feed();
      if (polled[1].revents != 0) collect();
      // Last: what it wrote before its end is in the pipe already. Descendants that keep the pipe open are not waited
      // for.
      if (polled[0].revents != 0) return collect(), true;
      if (ready == 0 || deadline.passed()) return false;
    }
  }

  void kill_group() {
    // Only while the child is not reaped does the group's number surely belong to it.
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
  }

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  const std::string& collected() const { return collected_; }

 private:
  void feed() {
    ssize_t written = ::write(input_.get(), text_.data() + fed_, text_.size() - fed_);
    if (written >= 0) fed_ += static_cast<size_t>(written);
    bool again = written < 0 && (errno == EAGAIN || errno == EINTR);
    // EPIPE: a program need not read its stdin.
    if ((written < 0 && !again) || fed_ == text_.size()) input_.reset();
  }

  /** Takes what is there. Bounded per call, so that an endless writer cannot outrun the deadline. */
  void collect() {
    char buffer[16 * 1024];
    for (size_t taken = 0; taken < 2 * USUAL_OUTPUT;) {
      ssize_t got = ::read(output_.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return output_.reset();
      keep(std::string_view(buffer, static_cast<size_t>(got)));
      taken += static_cast<size_t>(got);
    }
  }

  void keep(std::string_view text) {
    if (!keeps_end_) text = text.substr(0, most_output_ - collected_.size());
    collected_.append(text);
    if (collected_.size() > most_output_) collected_.erase(0, collected_.size() - most_output_);
  }

  pid_t pid_;
  Fd pidfd_;
  Fd input_;
  Fd output_;
  std::string text_;
  size_t fed_ = 0;
  bool keeps_end_;
  size_t most_output_;
  std::string collected_;
};

Exchange start(const Request& request) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  set_nonblocking(input.write.get());
  set_nonblocking(output.read.get());
  std::vector<char*> args = pointers(request.args);
  std::vector<char*> env = pointers(request.env);
  HookChild child = {request.path.c_str(), request.cwd.c_str(), args.data(), env.data(),
                     input.read.get(),     output.write.get(),  getpid(),    {}};
  pid_t pid = start_child(run_hook, &child);
  if (child.failure.error != 0) {
    await_end(pid);
    bool entering = std::string(child.failure.syscall) == "chdir";
    throw SystemError{child.failure.error, child.failure.syscall, entering ? request.cwd : request.path, ""};
  }
  long pidfd = syscall(SYS_pidfd_open, pid, 0);
  if (pidfd < 0) {
    int error = errno;
    ::kill(-pid, SIGKILL);
    reap(pid);
    throw SystemError{error, "pidfd_open", "", ""};
  }
  return Exchange(pid, Fd(pidfd), std::move(input.write), std::move(output.read), request);
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

/** Adds the variables of this process that are not there. They are bytes, which text need not be able to hold. */
void add_inherited(std::vector<std::string>& env) {
  const size_t own = env.size();
  for (char** entry = environ; *entry != nullptr; entry++) {
    bool is_set = std::any_of(env.begin(), env.begin() + static_cast<ptrdiff_t>(own),
                              [&](const std::string& variable) { return name_of(variable) == name_of(*entry); });
    if (!is_set) env.push_back(*entry);
  }
}

Request read_request(const Napi::Object& object) {
  Request request;
  request.path = arguments::c_text(object.Get("path"));
  request.args = arguments::c_texts(object.Get("args"));
  request.env = arguments::c_texts(object.Get("env"));
  if (arguments::boolean(object.Get("inherits"))) add_inherited(request.env);
  request.cwd = arguments::c_text(object.Get("cwd"));
  request.stdin_text = arguments::text(object.Get("stdin"));
  request.timeout = arguments::int64(object.Get("timeoutMs"));
  request.keeps_end = arguments::boolean(object.Get("keepsEnd"));
  Napi::Value most_output = object.Get("mostOutput");
  if (most_output.IsNumber()) request.most_output = static_cast<size_t>(arguments::int64(most_output));
  Napi::Value on_started = object.Get("onStarted");
  if (on_started.IsFunction()) request.on_started = on_started.As<Napi::Function>();
  return request;
}

Napi::Value run_process(const Napi::CallbackInfo& info) {
  Request request = read_request(info[0].As<Napi::Object>());
  PipeSignalBlock no_sigpipe;
  Deadline deadline(request.timeout > 0 ? request.timeout : -1);
  Exchange exchange = start(request);
  bool ended = false;
  try {
    if (!request.on_started.IsEmpty()) request.on_started.Call({Napi::Number::New(info.Env(), exchange.pid())});
    ended = exchange.run(deadline);
  } catch (...) {
    exchange.kill_group();
    await_end(exchange.pid(), exchange.pidfd());
    throw;
  }
  if (!ended) exchange.kill_group();
  Napi::Object result = to_javascript(info.Env(), await_end(exchange.pid(), exchange.pidfd()));
  result.Set("timedOut", !ended);
  result.Set("output", exchange.collected());
  return result;
}

}  // namespace

void add_run_process(Napi::Object exports) {
  add<run_process>(exports, "runProcess");
}

}  // namespace runts::addon
