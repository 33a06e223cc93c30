/** A program run to its end: hooks of the runtime namespace and other host programs. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "../core/exchange.h"
#include "../core/fd.h"
#include "arguments.h"
#include "child.h"
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
  if (syscall(__NR_close_range, 3U, ~0U, 0) < 0) give_up(&child->failure, "close_range");
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

/** A running child, and what it wrote as far as it is kept. */
struct Running {
  pid_t pid;
  Fd pidfd;
  Exchange exchange;
};

void kill_group(pid_t pid) {
  // Only while the child is not reaped does the group's number surely belong to it.
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);
}

/** What is kept of the output: its end, or its beginning. */
struct Kept {
  bool end;
  size_t most;
  std::string text;

  void add(std::string_view piece) {
    if (!end) piece = piece.substr(0, most - text.size());
    text.append(piece);
    if (text.size() > most) text.erase(0, text.size() - most);
  }
};

Running start(const Request& request) {
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
  Running running = {pid, Fd(pidfd), {}};
  running.exchange.pidfd = running.pidfd.get();
  // Without a text it is closed at once.
  if (!request.stdin_text.empty()) running.exchange.input = std::move(input.write);
  running.exchange.output = std::move(output.read);
  running.exchange.text[0] = {request.stdin_text.data(), request.stdin_text.size()};
  return running;
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
  const u64 deadline = request.timeout > 0 ? deadline_after(static_cast<u64>(request.timeout)) : 0;
  Running running = start(request);
  Exchange& exchange = running.exchange;
  Kept kept = {request.keeps_end, request.most_output, {}};
  exchange.deadline = deadline;
  exchange.take = [](void* to, Str piece) { static_cast<Kept*>(to)->add({piece.data, piece.size}); };
  exchange.to = &kept;
  long attended = Exchange::ENDED;
  try {
    if (!request.on_started.IsEmpty()) request.on_started.Call({Napi::Number::New(info.Env(), running.pid)});
    attended = exchange.attend();
    if (attended < 0) throw SystemError{static_cast<int>(-attended), "ppoll", "", ""};
  } catch (...) {
    kill_group(running.pid);
    await_end(running.pid, exchange.pidfd);
    throw;
  }
  if (attended != Exchange::ENDED) kill_group(running.pid);
  Napi::Object result = to_javascript(info.Env(), await_end(running.pid, exchange.pidfd));
  result.Set("timedOut", attended == Exchange::TIMED_OUT);
  result.Set("output", kept.text);
  return result;
}

}  // namespace

void add_run_process(Napi::Object exports) {
  add<run_process>(exports, "runProcess");
}

}  // namespace runts::addon
