
#include "dispatch.gen.h"
#include "mode.h"
#include "signals.h"
#include "vectors.h"

namespace runts {

namespace {

constexpr int X_OK = 1;

/** 0 when `path` is a file that we may execute, else the negative errno. */
long executable(const char* path) {
  u32 mode = 0;
  long found = mode_of(AT_FDCWD, path, 0, mode);
  if (found < 0) return found;
  if (S_ISDIR(mode)) return -EISDIR;
  long allowed = sys::faccessat2(AT_FDCWD, path, X_OK, AT_EACCESS);
  // Linux before 5.8, or a filter that does not know the call; real and effective ids are the same here.
  if (allowed == -ENOSYS || allowed == -EPERM) allowed = sys::faccessat(AT_FDCWD, path, X_OK);
  return allowed;
}

/** Looks for the program in each directory of PATH; an empty one is the working directory. */
Result search(Context& context, Str name, Str path) {
  bool forbidden = false;
  Text<PATH_SIZE> refused;
  for (u64 at = 0; at <= path.size;) {
    u64 end = find(path, ':', at);
    Text<PATH_SIZE>& candidate = context.executable;
    candidate.clear();
    if (end > at) {
      candidate.add(Str{path.data + at, end - at}).add('/');
    } else {
      candidate.add("./");
    }
    candidate.add(name);
    at = end + 1;
    if (candidate.truncated()) continue;
    long error = executable(candidate.c_str());
    if (error == 0) return ok();
    if (error == -EACCES && !forbidden) {
      forbidden = true;
      refused.add(candidate.view());
    }
  }
  context.executable.clear();
  context.executable.add(refused.view());
  // As execvp does: a program that is there but may not be executed is better told than one that is not there.
  return forbidden ? fail(EACCES, "access", refused.view()) : fail(ENOENT, "search", name);
}

Result find_program(Context& context, const ops::ExecFind& op) {
  if (find(op.name, '/') == op.name.size) {
    if (op.name.empty()) return fail(ENOENT, "search", op.name);
    return search(context, op.name, op.path);
  }
  context.executable.clear();
  context.executable.add(op.name);
  if (context.executable.truncated()) return fail(ENAMETOOLONG, "stat", op.name);
  long error = executable(op.name.c_str());
  TRY_SYS(error, error == -EACCES ? "access" : "stat", op.name);
  return ok();
}

/** The lowest descriptor from `first` on that init still needs; ~0 for none. */
u32 next_needed(const Context& context, const Words& slots, u32 first) {
  u32 lowest = ~0U;
  auto consider = [&](int fd) {
    if (fd >= 0 && static_cast<u32>(fd) >= first && static_cast<u32>(fd) < lowest) lowest = static_cast<u32>(fd);
  };
  consider(context.socket);
  consider(context.gate);
  for (u64 slot : slots) consider(context.slots[slot]);
  return lowest;
}

/** Without CLOSE_RANGE_CLOEXEC: what is needed is marked one by one, and everything else from `first` on closed. */
long seal_one_by_one(const Context& context, const Words& slots, u32 first) {
  for (;;) {
    const u32 needed = next_needed(context, slots, first);
    if (needed > first) {
      const long closed = sys::close_range(first, needed == ~0U ? needed : needed - 1, 0);
      if (closed < 0 || needed == ~0U) return closed;
    }
    const long marked = sys::fcntl(static_cast<int>(needed), F_SETFD, FD_CLOEXEC);
    if (marked < 0) return marked;
    first = needed + 1;
  }
}

}  // namespace

Result run(Context& context, const ops::ExecFind& op) {
  context.seeks_program = true;
  TRY(find_program(context, op));
  context.seeks_program = false;
  return ok();
}

Result run(Context& context, const ops::FdsSeal& op) {
  // A created container may wait for long, and its limit on descriptors may be low.
  context.close_slots(op.keep);
  long marked = sys::close_range(op.first, ~0U, CLOSE_RANGE_CLOEXEC);
  // Linux before 5.11.
  if (marked == -EINVAL) marked = seal_one_by_one(context, op.keep, op.first);
  TRY_SYS(marked, "close_range");
  return ok();
}

Result run(Context& context, const ops::FifoWait& op) {
  const int procfs = context.slots[op.procfs];
  // Never by the container's own /proc, which may hold what it likes.
  if (procfs < 0 || context.slots[op.slot] < 0) return fail(EBADF, "open", "exec fifo");
  Text<64> path;
  path.add("self/fd/").number(static_cast<u64>(context.slots[op.slot]));
  ignore_sigpipe(true);
  end_by_signals();
  // Nobody listens there any more, and the limit on descriptors may leave no other number.
  sys::close(context.socket);
  context.socket = -1;
  long opened = sys::openat(procfs, path.c_str(), O_WRONLY | O_CLOEXEC);
  TRY_SYS(opened, "open", "exec fifo");
  TRY_SYS(sys::write(static_cast<int>(opened), "0", 1), "write", "exec fifo");
  // From here on `start` reads what goes wrong; it sees the end of the file when execve closes the fifo.
  context.fifo = static_cast<int>(opened);
  context.set_slot(op.slot, -1);
  context.set_slot(op.procfs, -1);
  return ok();
}

Result run(Context& context, const ops::Exec& op) {
  const char** arguments = pointer_array(op.args);
  const char** environment = pointer_array(op.env, context.home_variable());
  if (arguments == nullptr || environment == nullptr) return fail(ENOMEM, "mmap");
  // Close-on-exec comes too late for a path like /proc/self/fd/7/bin/sh, which the kernel resolves first
  // (CVE-2024-21626); so directories of ours are closed now.
  context.close_slots();
  ignore_sigpipe(false);
  context.seeks_program = true;
  long error = sys::execve(context.executable.c_str(), arguments, environment);
  ignore_sigpipe(true);
  return fail(error, "execve", context.executable.view());
}

}  // namespace runts
