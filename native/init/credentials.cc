#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>

#include "dispatch.gen.h"
#include "vectors.h"

namespace runts {

namespace {

bool has(u64 set, u32 capability) {
  return (set >> capability & 1) != 0;
}

/** Where fs.suid_dumpable is 1, a change of user makes a process dumpable again (proc_sys_fs(5)). */
Result hide() {
  TRY_SYS(sys::prctl(PR_SET_DUMPABLE, 0), "prctl(PR_SET_DUMPABLE)");
  return ok();
}

Result fail_capability(long error, const char* syscall, u32 capability) {
  Text<32> number;
  number.number(capability);
  return fail(error, syscall, number.view());
}

}  // namespace

Result run(Context&, const ops::KeyringJoin& op) {
  // A name that is known is found: anybody may have made a keyring of that name, and let us in to get at our keys.
  constexpr u32 GRND_INSECURE = 4;
  u64 random = 0;
  TRY_SYS(sys::call(__NR_getrandom, &random, sizeof(random), GRND_INSECURE), "getrandom");
  Text<512> name;
  name.add(op.name).add('.').number(random, 16);
  long joined = sys::call(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str());
  // A kernel without keyrings has none that could be inherited.
  if (joined == -ENOSYS) return ok();
  TRY_SYS(joined, "keyctl(KEYCTL_JOIN_SESSION_KEYRING)", op.name);
  return ok();
}

Result run(Context&, const ops::CapsBounding& op) {
  for (u32 capability = 0; capability <= op.last; capability++) {
    if (has(op.keep, capability)) continue;
    long dropped = sys::prctl(PR_CAPBSET_DROP, capability);
    // Dropping needs CAP_SETPCAP even for what is not there.
    if (dropped == -EPERM && sys::prctl(PR_CAPBSET_READ, capability) == 0) continue;
    if (dropped < 0) return fail_capability(dropped, "prctl(PR_CAPBSET_DROP)", capability);
  }
  return ok();
}

Result run(Context&, const ops::CapsKeep& op) {
  TRY_SYS(sys::prctl(PR_SET_KEEPCAPS, op.on ? 1 : 0), "prctl(PR_SET_KEEPCAPS)");
  return ok();
}

Result run(Context&, const ops::CapsSet& op) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  for (u32 i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    data[i].effective = static_cast<u32>(op.effective >> (32 * i));
    data[i].permitted = static_cast<u32>(op.permitted >> (32 * i));
    data[i].inheritable = static_cast<u32>(op.inheritable >> (32 * i));
  }
  TRY_SYS(sys::call(__NR_capset, &header, data), "capset");
  return ok();
}

Result run(Context& context, const ops::CapsAmbient& op) {
  TRY_SYS(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL), "prctl(PR_CAP_AMBIENT_CLEAR_ALL)");
  for (u32 capability = 0; capability < 64; capability++) {
    if (!has(op.set, capability)) continue;
    long raised = sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
    if (raised == 0) continue;
    Result refusal = fail_capability(raised, "prctl(PR_CAP_AMBIENT_RAISE)", capability);
    // EPERM: it is not permitted and inheritable, which configurations of engines have and no runtime refuses.
    if (raised != -EPERM) return refusal;
    warn(context, refusal);
  }
  return ok();
}

Result run(Context&, const ops::UserSet& op) {
  if (op.setGroups) {
    // The kernel wants 32-bit numbers, the plan holds words. Not on the stack, which rlimit.set may have made small.
    u32* groups = allocate<u32>(op.groups.size + 1);
    if (groups == nullptr) return fail(ENOMEM, "mmap");
    for (u64 i = 0; i < op.groups.size; i++) groups[i] = static_cast<u32>(op.groups[i]);
    TRY_SYS(sys::call(__NR_setgroups, op.groups.size, groups), "setgroups");
  }
  TRY_SYS(sys::call(__NR_setresgid, op.gid, op.gid, op.gid), "setresgid");
  TRY_SYS(sys::call(__NR_setresuid, op.uid, op.uid, op.uid), "setresuid");
  return hide();
}

Result run(Context&, const ops::OwnerTake& op) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  TRY_SYS(sys::call(__NR_capget, &header, data), "capget");
  TRY_SYS(sys::call(__NR_setresuid, -1, op.uid, -1), "setresuid");
  TRY(hide());
  // No longer root, we have lost the effective ones: hosts may ask for CAP_SYS_ADMIN before they make a user namespace.
  TRY_SYS(sys::call(__NR_capset, &header, data), "capset");
  return ok();
}

Result run(Context&, const ops::NnpSet&) {
  TRY_SYS(sys::prctl(PR_SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)");
  return ok();
}

Result run(Context&, const ops::DumpableSet& op) {
  TRY_SYS(sys::prctl(PR_SET_DUMPABLE, op.on ? 1 : 0), "prctl(PR_SET_DUMPABLE)");
  return ok();
}

}  // namespace runts
