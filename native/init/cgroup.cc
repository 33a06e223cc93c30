#include "dispatch.gen.h"

namespace runts {

Result run(Context& context, const ops::CgroupJoin& op) {
  for (u64 slot : op.slots) {
    if (slot >= SLOT_COUNT) return fail(EBADMSG, "decode", "slot");
    // "0" is the writer: no pid that could mean somebody else in another pid namespace.
    TRY_SYS(sys::write(context.slots[slot], "0", 1), "write", "cgroup");
    context.set_slot(static_cast<u32>(slot), -1);
  }
  return ok();
}

}  // namespace runts
