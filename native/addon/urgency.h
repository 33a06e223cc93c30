#pragma once

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace runts::addon {

/**
 * Lets this thread run before every ordinary one as soon as it is woken, while this lives. Where that is not allowed
 * nothing changes, nor for a thread that is no ordinary one. It has no more to do than others read and write.
 */
class Urgency {
 public:
  Urgency() : policy_(static_cast<int>(syscall(SYS_sched_getscheduler, 0))) {
    set(SCHED_FIFO | SCHED_RESET_ON_FORK, 1);
  }
  ~Urgency() { set(policy_, 0); }
  Urgency(const Urgency&) = delete;
  Urgency& operator=(const Urgency&) = delete;

 private:
  void set(int policy, int priority) const {
    // Not the library's: musl's only says ENOSYS. The nice value outlasts both changes.
    int kind = policy_ & ~SCHED_RESET_ON_FORK;
    if (policy_ < 0 || (kind != SCHED_OTHER && kind != SCHED_BATCH && kind != SCHED_IDLE)) return;
    sched_param parameters = {};
    parameters.sched_priority = priority;
    syscall(SYS_sched_setscheduler, 0, policy, &parameters);
  }

  const int policy_;
};

}  // namespace runts::addon
