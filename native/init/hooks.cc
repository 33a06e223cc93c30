#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <linux/wait.h>

#include "../core/exchange.h"
#include "dispatch.gen.h"
#include "signals.h"
#include "vectors.h"

namespace runts {

namespace {

constexpr u64 OUTPUT_SIZE = 1024;

struct Pipe {
  Fd read;
  Fd write;
};

/** Why the child did not become the hook; written by the child into memory that both share. */
struct ChildFailure {
  i32 error;
  const char* syscall;
};

/** The last bytes of a text: that is where a program says why it failed. */
class Tail {
 public:
  void add(Str text) {
    if (text.size > OUTPUT_SIZE) text = {text.data + (text.size - OUTPUT_SIZE), OUTPUT_SIZE};
    const u64 kept = size_ + text.size > OUTPUT_SIZE ? OUTPUT_SIZE - text.size : size_;
    for (u64 i = 0; i < kept; i++) buffer_[i] = buffer_[size_ - kept + i];
    for (u64 i = 0; i < text.size; i++) buffer_[kept + i] = text.data[i];
    size_ = kept + text.size;
  }

  Str view() const { return {buffer_, size_}; }

 private:
  char buffer_[OUTPUT_SIZE];
  u64 size_ = 0;
};

/** A hook while it runs. */
struct Hook {
  int pid = -1;
  Fd pidfd;
  Exchange exchange;
  Tail said;
  ChildFailure* failure = nullptr;
  bool timed_out = false;
};

Result make_pipe(Pipe& to) {
  int fds[2];
  TRY_SYS(sys::pipe2(fds, O_CLOEXEC), "pipe2", "hook");
  to.read.reset(fds[0]);
  to.write.reset(fds[1]);
  return ok();
}

[[noreturn]] void give_up(ChildFailure& failure, const char* syscall, long error) {
  failure = {static_cast<i32>(-error), syscall};
  sys::exit(127);
}

/** Standard streams of the hook; its pipes lie above 2, because these are taken. */
void connect(const Pipe& input, const Pipe& output, ChildFailure& failure) {
  const int sources[] = {input.read.get(), output.write.get(), output.write.get()};
  for (int fd = 0; fd <= 2; fd++) {
    long connected = sys::dup3(sources[fd], fd, 0);
    if (connected < 0) give_up(failure, "dup3", connected);
  }
}

/**
 * Closes everything but the standard streams, not only when execve succeeds: the kernel resolves the hook's path before
 * that, and an image may have put a link through /proc/self/fd there (CVE-2024-21626).
 */
void close_others(Context& context, u32 preserved, ChildFailure& failure) {
  long closed = sys::close_range(3, ~0U, 0);
  if (closed == 0) return;
  // A filter that does not know the call. Nothing but these is open.
  if (closed != -ENOSYS && closed != -EPERM) give_up(failure, "close_range", closed);
  context.close_slots();
  for (u32 i = 0; i < preserved; i++) sys::close(static_cast<int>(3 + i));
}

[[noreturn]] void become_hook(Context& context, const ops::HookRun& op, const Pipe& input, const Pipe& output,
                              ChildFailure& failure) {
  // What kills init ends its hook, also where there is no pid namespace that dies with it.
  sys::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sys::setpgid(0, 0);
  const char** arguments = pointer_array(op.args);
  const char** environment = pointer_array(op.env, op.home ? context.home_variable() : nullptr);
  if (arguments == nullptr || environment == nullptr) give_up(failure, "mmap", -ENOMEM);
  connect(input, output, failure);
  close_others(context, op.preserved, failure);
  ignore_sigpipe(false);
  give_up(failure, "execve", sys::execve(op.path.c_str(), arguments, environment));
}

/** fork(2) with a pidfd. Filters that know clone3(2) mostly forbid it: they cannot look at its flags. */
long fork_with_pidfd(int& pidfd) {
  clone_args arguments = {};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<u64>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  long pid = sys::clone3(&arguments, sizeof(arguments));
  if (pid != -ENOSYS && pid != -EPERM) return pid;
  return sys::call(__NR_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
}

Result start(Context& context, const ops::HookRun& op, Hook& hook) {
  Pipe input;
  Pipe output;
  TRY(make_pipe(input));
  TRY(make_pipe(output));
  long shared = sys::mmap(nullptr, sizeof(ChildFailure), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared < 0 && shared > -4096) return fail(shared, "mmap", "hook");
  hook.failure = reinterpret_cast<ChildFailure*>(shared);
  int pidfd = -1;
  long pid = fork_with_pidfd(pidfd);
  TRY_SYS(pid, "clone", "hook");
  if (pid == 0) become_hook(context, op, input, output, *hook.failure);
  hook.pid = static_cast<int>(pid);
  hook.pidfd.reset(pidfd);
  // Both sides set the group: whoever comes first, killing the group works from now on.
  sys::setpgid(hook.pid, hook.pid);
  hook.exchange.pidfd = pidfd;
  hook.exchange.input = static_cast<Fd&&>(input.write);
  hook.exchange.output = static_cast<Fd&&>(output.read);
  sys::fcntl(hook.exchange.input.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
  sys::fcntl(hook.exchange.output.get(), F_SETFL, O_NONBLOCK);
  return ok();
}

/** How long a hook that was killed gets to go away, in seconds. */
constexpr i64 END_SECONDS = 10;

/** Reaps the hook that has ended or was killed. Never wait4(2) alone: it may hang in the kernel, or be traced. */
Result await_end(const Hook& hook, int& status) {
  long reaped = sys::wait4(hook.pid, &status, WNOHANG);
  if (reaped == 0) {
    __kernel_timespec left = {END_SECONDS, 0};
    pollfd watched = {hook.pidfd.get(), POLLIN, 0};
    if (sys::ppoll(&watched, 1, &left) == 0) return fail(ETIMEDOUT, "hook", "it was killed and does not end");
    reaped = sys::wait4(hook.pid, &status, WNOHANG);
  }
  TRY_SYS(reaped, "wait4", "hook");
  return reaped > 0 ? ok() : fail(EBUSY, "hook", "it has ended, but the process that traces it does not say how");
}

Result judge(const ops::HookRun& op, const Hook& hook, int status) {
  if (hook.failure->error != 0) return fail(hook.failure->error, hook.failure->syscall, op.path);
  if (status == 0 && !hook.timed_out) return ok();
  auto& detail = detail_buffer();
  detail.clear();
  int signal = status & 0x7f;
  if (hook.timed_out) {
    detail.add("hook ran past specified timeout of ").number(op.timeoutMs / 1000).add(".0s");
  } else if (signal != 0) {
    detail.add("signal ").number(static_cast<u64>(signal));
  } else {
    detail.add("exit status ").number(static_cast<u64>(status >> 8 & 0xff));
  }
  if (!hook.said.view().empty()) detail.add(", output: ").add(hook.said.view());
  return fail(hook.timed_out ? ETIMEDOUT : ECHILD, "hook", detail.c_str());
}

}  // namespace

Result run(Context& context, const ops::HookRun& op) {
  Hook hook;
  Text<24> pid;
  pid.number(static_cast<u64>(sys::getpid()));
  Exchange& exchange = hook.exchange;
  exchange.text[0] = op.stateHead;
  exchange.text[1] = pid.view();
  exchange.text[2] = op.stateTail;
  exchange.take = [](void* to, Str piece) { static_cast<Tail*>(to)->add(piece); };
  exchange.to = &hook.said;
  // Once the container has been made, nobody need wait for it.
  exchange.waiting = context.fifo < 0 ? context.socket : -1;
  TRY(start(context, op, hook));
  if (op.timeoutMs > 0) exchange.deadline = deadline_after(op.timeoutMs);
  ignore_sigpipe(true);
  const long attended = exchange.attend();
  ignore_sigpipe(false);
  hook.timed_out = attended == Exchange::TIMED_OUT;
  if (attended != Exchange::ENDED) sys::kill(-hook.pid, SIGKILL);
  int status = 0;
  Result ended = await_end(hook, status);
  if (attended == Exchange::ORPHANED) sys::exit(1);
  Result judged = attended < 0 ? fail(attended, "ppoll", "hook") : ended.ok() ? judge(op, hook, status) : ended;
  sys::munmap(hook.failure, sizeof(ChildFailure));
  return judged;
}

}  // namespace runts
