/** Starting init: its image and plan as sealed memfds, its descriptors in fixed places, nothing else of ours. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "../core/fd.h"
#include "../core/newer.h"
#include "arguments.h"
#include "child.h"
#include "exports.h"
#include "memfd.h"
#include "process.h"
#include "streams.h"

namespace runts::addon {

namespace {

/** How long init may say nothing before whoever listens looks what became of it. */
constexpr int SILENCE_SECONDS = 5;

/**
 * Everything the child needs, prepared by the parent. Layout of init's descriptors: 0-2 stdio, 3 … 2+preserve passed
 * through, then the event socket and the plan, and last the image, which execveat closes.
 */
struct InitChild {
  int stdio[3];
  int preserve;
  int socket;
  int plan;
  int image;
  int cgroup;
  /** Of a pid namespace to be born in; -1: our own. */
  int pid_namespace;
  /** Whether it is born there. */
  bool entered = true;
  std::optional<rlimit> nofile;
  char socket_text[12];
  char plan_text[12];
  ChildFailure failure;

  int socket_place() const { return 3 + preserve; }
  int plan_place() const { return 4 + preserve; }
  int first_free() const { return 5 + preserve; }
};

/** Lifts a source above every place that is about to be filled, where it is not there already. */
void lift(InitChild* child, int* fd) {
  if (*fd >= child->first_free()) return;
  *fd = fcntl(*fd, F_DUPFD_CLOEXEC, child->first_free());
  if (*fd < 0) give_up(&child->failure, "fcntl");
}

/** The copy is open across execve, also when the engine had marked the original close-on-exec. */
void place(InitChild* child, int from, int to) {
  if (dup2(from, to) < 0) give_up(&child->failure, "dup2");
}

/** Has execveat close everything of ours; Linux before 5.11 can only close it at once, but for the image. */
void seal(InitChild* child) {
  const unsigned first = child->first_free();
  const unsigned image = child->image;
  if (syscall(__NR_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  const bool closed = errno == EINVAL && (image == first || syscall(__NR_close_range, first, image - 1, 0) == 0) &&
                      syscall(__NR_close_range, image + 1, ~0U, 0) == 0;
  if (!closed) give_up(&child->failure, "close_range");
}

void arrange_descriptors(InitChild* child) {
  for (int* fd : {&child->stdio[0], &child->stdio[1], &child->stdio[2], &child->socket, &child->plan, &child->image}) {
    lift(child, fd);
  }
  for (int i = 0; i < 3; i++) place(child, child->stdio[i], i);
  for (int fd = 3; fd < child->socket_place(); fd++) {
    if (fcntl(fd, F_SETFD, 0) < 0) give_up(&child->failure, "fcntl");
  }
  place(child, child->socket, child->socket_place());
  place(child, child->plan, child->plan_place());
  seal(child);
}

int run_init(void* argument) {
  auto* child = static_cast<InitChild*>(argument);
  reset_signals();
  if (!child->entered && !enter_cgroup(child->cgroup)) give_up(&child->failure, "write(cgroup.procs)");
  arrange_descriptors(child);
  // After the descriptors: the new limit may lie below the engine's own.
  if (child->nofile && prlimit(0, RLIMIT_NOFILE, &*child->nofile, nullptr) < 0) give_up(&child->failure, "prlimit");
  const char* arguments[] = {"init", child->socket_text, child->plan_text, nullptr};
  const char* environment[] = {nullptr};
  syscall(SYS_execveat, child->image, "", arguments, environment, AT_EMPTY_PATH);
  // TOMOYO looks for what is executed by its name in /dev/fd, which the caller's /dev may not have.
  if (errno == ENOENT) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", child->image);
    execve(path, const_cast<char**>(arguments), const_cast<char**>(environment));
  }
  give_up(&child->failure, "execveat");
}

/**
 * A standard stream is the caller's own: never a descriptor of ours that took the number of one that was closed.
 * `marked` says that the engine has marked every descriptor close-on-exec, so that this tells nothing.
 */
void require_streams(const InitChild& child, bool marked) {
  for (int fd : child.stdio) {
    int mark = fcntl(fd, F_GETFD);
    int flags = marked ? fcntl(fd, F_GETFL) : 0;
    bool ours = fd == child.image || (flags & O_PATH) || (!marked && (mark & FD_CLOEXEC));
    if (mark < 0 || flags < 0 || ours) throw SystemError{EBADF, "fcntl", "", "standard stream"};
  }
}

/** Asked before other descriptors of ours are made: none of them, nor the image, may pass for the caller's. */
void require_preserved(int preserve, int image) {
  for (int fd = 3; fd < 3 + preserve; fd++) {
    if (fd == image || fcntl(fd, F_GETFD) < 0) throw SystemError{EBADF, "fcntl", "", std::to_string(fd)};
  }
}

int preserve_count(const Napi::Value& value) {
  int count = arguments::int32(value);
  if (count < 0 || count > 1 << 20) throw SystemError{EINVAL, "spawnInit", "", "preserve"};
  return count;
}

int descriptor_or_none(const Napi::Value& value) {
  return value.IsUndefined() ? -1 : arguments::int32(value);
}

std::optional<rlimit> limit_of(const Napi::Value& value) {
  if (value.IsUndefined()) return std::nullopt;
  auto pair = value.As<Napi::Array>();
  return rlimit{arguments::big_unsigned(pair.Get(0u)), arguments::big_unsigned(pair.Get(1u))};
}

/**
 * Where the children of this thread are born; its own processes stay where they are (pid_namespaces(7)). Meanwhile it
 * starts no thread, which would be refused.
 */
class ChildNamespace {
 public:
  explicit ChildNamespace(int pid_namespace) {
    if (pid_namespace < 0) return;
    own_ = Fd(check(::open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC), "open", "/proc/thread-self/ns/pid"));
    check(setns(pid_namespace, CLONE_NEWPID), "setns");
  }
  ChildNamespace(const ChildNamespace&) = delete;
  ChildNamespace& operator=(const ChildNamespace&) = delete;
  ~ChildNamespace() {
    // What this thread would start from then on would end with a stranger.
    if (own_.get() >= 0 && setns(own_.get(), CLONE_NEWPID) != 0) abort();
  }

 private:
  Fd own_;
};

/** Starts the child and reaps it when it did not come as far as init. */
pid_t start(InitChild* child) {
  snprintf(child->socket_text, sizeof child->socket_text, "%d", child->socket_place());
  snprintf(child->plan_text, sizeof child->plan_text, "%d", child->plan_place());
  pid_t pid = 0;
  {
    ChildNamespace born(child->pid_namespace);
    pid = start_child(run_init, child, child->cgroup, &child->entered);
  }
  if (child->failure.error == 0) return pid;
  await_end(pid);
  throw SystemError{child->failure.error, child->failure.syscall, "", "init"};
}

Napi::Value spawn_init(const Napi::CallbackInfo& info) {
  auto request = info[0].As<Napi::Object>();
  auto plan = request.Get("plan").As<Napi::Uint8Array>();
  std::vector<int> stdio = arguments::integers(request.Get("stdio"));
  if (!plan.IsTypedArray() || stdio.size() != 3) throw SystemError{EINVAL, "spawnInit", "", ""};
  InitChild child = {};
  for (int i = 0; i < 3; i++) child.stdio[i] = stdio[static_cast<size_t>(i)];
  child.preserve = preserve_count(request.Get("preserve"));
  child.nofile = limit_of(request.Get("nofile"));
  child.cgroup = descriptor_or_none(request.Get("cgroup"));
  child.pid_namespace = descriptor_or_none(request.Get("pidNamespace"));
  Fd image = init_image();
  child.image = image.get();
  require_preserved(child.preserve, child.image);
  require_streams(child, arguments::boolean(request.Get("marked")));
  std::unique_ptr<StreamPipes> pipes;
  if (arguments::boolean(request.Get("piped"))) {
    pipes = std::make_unique<StreamPipes>(child.stdio);
    for (size_t i = 0; i < 3; i++) {
      if (pipes->theirs(i) >= 0) child.stdio[i] = pipes->theirs(i);
    }
  }
  Fd plan_fd = sealed_bytes("runts-plan", plan.Data(), plan.ByteLength());
  child.plan = plan_fd.get();
  int pair[2];
  check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "socketpair");
  Fd ours(pair[0]);
  timeval silence = {SILENCE_SECONDS, 0};
  check(setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence), "setsockopt");
  Fd theirs(pair[1]);
  child.socket = theirs.get();
  pid_t pid = start(&child);
  if (pipes) pipes->close_theirs();
  if (pipes) held_streams = std::move(pipes);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("pid", pid);
  result.Set("socket", ours.release());
  return result;
}

}  // namespace

void add_spawn(Napi::Object exports) {
  add<spawn_init>(exports, "spawnInit");
}

}  // namespace runts::addon
