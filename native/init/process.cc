#include <linux/major.h>
#include <linux/resource.h>
#include <linux/sched/types.h>

#include "dispatch.gen.h"

namespace runts {

namespace {

Result is_null_device(int fd, bool& is) {
  struct statx info;
  TRY_SYS(sys::statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &info), "statx", "standard stream");
  is = S_ISCHR(info.stx_mode) && info.stx_rdev_major == MEM_MAJOR && info.stx_rdev_minor == 3;
  return ok();
}

/** prlimit(2) of RLIMIT_NOFILE of ourselves. */
long limit_descriptors(const rlimit64* to, rlimit64* before) {
  return sys::call(__NR_prlimit64, 0, RLIMIT_NOFILE, to, before);
}

}  // namespace

Result run(Context&, const ops::SessionNew&) {
  TRY_SYS(sys::setsid(), "setsid");
  return ok();
}

Result run(Context&, const ops::StdioNull&) {
  Fd own;
  for (int fd = 0; fd <= 2; fd++) {
    bool is = false;
    TRY(is_null_device(fd, is));
    if (!is) continue;
    if (own.get() < 0) {
      long opened = sys::openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
      if (opened < 0) return ok();
      own.reset(opened);
      TRY(is_null_device(own.get(), is));
      if (!is) return ok();
      TRY_SYS(sys::fcntl(own.get(), F_SETFL, 0), "fcntl", "/dev/null");
    }
    // The host's would change with it when a root of the container changes the mode or the owner of its stream.
    TRY_SYS(sys::dup3(own.get(), fd, 0), "dup3", "standard stream");
  }
  return ok();
}

Result run(Context&, const ops::UmaskSet& op) {
  sys::umask(op.mask);
  return ok();
}

Result run(Context&, const ops::RlimitSet& op) {
  rlimit64 limit = {op.soft, op.hard};
  TRY_SYS(sys::call(__NR_prlimit64, 0, op.resource, &limit, nullptr), "prlimit64", "");
  return ok();
}

Result run(Context& context, const ops::DescriptorsAllow& op) {
  rlimit64 before;
  TRY_SYS(limit_descriptors(nullptr, &before), "prlimit64", "");
  context.descriptors = {before.rlim_cur, before.rlim_max};
  rlimit64 wanted = before;
  if (wanted.rlim_max < op.hard) wanted.rlim_max = op.hard;
  if (wanted.rlim_max != before.rlim_max) TRY_SYS(limit_descriptors(&wanted, nullptr), "prlimit64", "");
  if (wanted.rlim_cur >= op.count) return ok();
  wanted.rlim_cur = op.count;
  const bool enough = wanted.rlim_max >= op.count;
  if (!enough) wanted.rlim_max = op.count;
  if (limit_descriptors(&wanted, nullptr) == 0 || enough) return ok();
  // Without the right to more: as much as there is.
  wanted.rlim_cur = wanted.rlim_max = before.rlim_max < op.hard ? op.hard : before.rlim_max;
  TRY_SYS(limit_descriptors(&wanted, nullptr), "prlimit64", "");
  return ok();
}

Result run(Context& context, const ops::DescriptorsLimit& op) {
  const auto& before = context.descriptors;
  const rlimit64 limit = op.restore ? rlimit64{before.soft, before.hard} : rlimit64{op.soft, op.hard};
  TRY_SYS(limit_descriptors(&limit, nullptr), "prlimit64", "");
  return ok();
}

Result run(Context&, const ops::RlimitRaise& op) {
  rlimit64 limit;
  TRY_SYS(sys::call(__NR_prlimit64, 0, op.resource, nullptr, &limit), "prlimit64", "");
  if (limit.rlim_max >= op.hard) return ok();
  limit.rlim_max = op.hard;
  TRY_SYS(sys::call(__NR_prlimit64, 0, op.resource, &limit, nullptr), "prlimit64", "");
  return ok();
}

Result run(Context&, const ops::SchedulerSet& op) {
  sched_attr attributes = {};
  attributes.size = sizeof(attributes);
  attributes.sched_policy = op.policy;
  attributes.sched_flags = op.flags;
  attributes.sched_nice = static_cast<i32>(op.nice);
  attributes.sched_priority = op.priority;
  attributes.sched_runtime = op.runtime;
  attributes.sched_deadline = op.deadline;
  attributes.sched_period = op.period;
  TRY_SYS(sys::call(__NR_sched_setattr, 0, &attributes, 0), "sched_setattr");
  return ok();
}

Result run(Context&, const ops::IoprioSet& op) {
  // Not the process group, which may still be that of the runtime's caller.
  constexpr int IOPRIO_WHO_PROCESS = 1;
  TRY_SYS(sys::call(__NR_ioprio_set, IOPRIO_WHO_PROCESS, 0, op.value), "ioprio_set");
  return ok();
}

Result run(Context&, const ops::PersonalitySet& op) {
  TRY_SYS(sys::call(__NR_personality, op.domain), "personality");
  return ok();
}

Result run(Context&, const ops::MempolicySet& op) {
  // The kernel takes one bit less than it is told.
  u64 bits = op.nodes.size == 0 ? 0 : op.nodes.size * 64 + 1;
  const u64* nodes = op.nodes.size == 0 ? nullptr : op.nodes.data;
  TRY_SYS(sys::call(__NR_set_mempolicy, op.mode, nodes, bits), "set_mempolicy");
  return ok();
}

Result run(Context&, const ops::AffinitySet& op) {
  if (op.mask.size > 0) {
    TRY_SYS(sys::call(__NR_sched_setaffinity, 0, op.mask.size * sizeof(u64), op.mask.data), "sched_setaffinity");
    return ok();
  }
  // Whatever lies beyond the kernel's own mask is ignored, and what the cpuset forbids is taken out by the kernel.
  u64 every[128];
  for (u64& word : every) word = ~u64{0};
  TRY_SYS(sys::call(__NR_sched_setaffinity, 0, sizeof(every), every), "sched_setaffinity");
  return ok();
}

}  // namespace runts
