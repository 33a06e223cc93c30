#include <linux/filter.h>
#include <linux/seccomp.h>

#include "dispatch.gen.h"

namespace runts {

Result run(Context& context, const ops::SeccompLoad& op) {
  if (op.program.size % sizeof(sock_filter) != 0 || op.program.size / sizeof(sock_filter) > BPF_MAXINSNS) {
    return fail(EINVAL, "seccomp", "size of the program");
  }
  sock_fprog program = {};
  program.len = static_cast<u16>(op.program.size / sizeof(sock_filter));
  program.filter = reinterpret_cast<sock_filter*>(const_cast<u8*>(op.program.data));
  u64 flags = op.flags | (op.listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
  long loaded = sys::call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  TRY_SYS(loaded, "seccomp");
  if (!op.listener) return ok();
  Fd listener(loaded);
  return send_event(context, events::descriptor, 0, 2, {}, listener.get());
}

}  // namespace runts
