#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/time_types.h>

#include "dispatch.gen.h"

// A filter may ask its agent about every system call, also about those by which init would hand the listener over: the
// agent would be asked before it can answer. So a thread without the filter hands it over. Between loading the filter
// and the end of this thread the main thread makes no system call at all; the two talk by memory.

namespace runts {

namespace {

constexpr u64 STACK_SIZE = 32 * 1024;
constexpr long PENDING = -100000;
constexpr long POLL_NANOSECONDS = 20000;

struct Handover {
  Context* context;
  /** What seccomp(2) returned; PENDING before that. */
  long loaded = PENDING;
  /** The thread's id; the kernel sets 0 at its end. */
  int thread = 0;
  Result result = ok();
};

[[noreturn]] void hand_over(void* argument) {
  auto* handover = static_cast<Handover*>(argument);
  long loaded;
  while ((loaded = __atomic_load_n(&handover->loaded, __ATOMIC_ACQUIRE)) == PENDING) {
    __kernel_timespec pause = {0, POLL_NANOSECONDS};
    sys::call(__NR_nanosleep, &pause, nullptr);
  }
  if (loaded >= 0) {
    handover->result = send_event(*handover->context, events::descriptor, 0, descriptor_kinds::seccompListener, {},
                                  static_cast<int>(loaded));
  }
  for (;;) sys::call(__NR_exit, 0);
}

long load(const ops::SeccompLoad& op, u64 flags) {
  sock_fprog program = {};
  program.len = static_cast<u16>(op.program.size / sizeof(sock_filter));
  program.filter = reinterpret_cast<sock_filter*>(const_cast<u8*>(op.program.data));
  return sys::call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/** @return the thread's id or -errno; a limit on processes may leave no room for it (EAGAIN). */
long start_thread(Handover& handover) {
  long stack = sys::mmap(nullptr, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack < 0 && stack > -4096) return stack;
  constexpr u64 flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                        CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  char* top = reinterpret_cast<char*>(stack) + STACK_SIZE;
  return raw_thread(flags, top, &handover.thread, hand_over, &handover);
}

Result load_with_listener(Context& context, const ops::SeccompLoad& op) {
  const u64 flags = op.flags | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  Handover handover = {.context = &context};
  if (start_thread(handover) < 0) {
    // Alone: right for every filter that does not ask about sendmsg(2).
    long listener = load(op, flags);
    TRY_SYS(listener, "seccomp");
    return send_event(context, events::descriptor, 0, descriptor_kinds::seccompListener, {},
                      static_cast<int>(listener));
  }
  const long listener = load(op, flags);
  __atomic_store_n(&handover.loaded, listener, __ATOMIC_RELEASE);
  while (__atomic_load_n(&handover.thread, __ATOMIC_ACQUIRE) != 0) relax();
  TRY_SYS(listener, "seccomp");
  // The listener stays open until execve closes it: closing it may be a call that the agent is asked about.
  return handover.result;
}

}  // namespace

Result run(Context& context, const ops::SeccompLoad& op) {
  if (op.program.size % sizeof(sock_filter) != 0 || op.program.size / sizeof(sock_filter) > BPF_MAXINSNS) {
    return fail(EINVAL, "seccomp", "size of the program");
  }
  if (op.listener) return load_with_listener(context, op);
  TRY_SYS(load(op, op.flags), "seccomp");
  return ok();
}

}  // namespace runts
