#include <linux/ioctl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <linux/sockios.h>

#include "dispatch.gen.h"
#include "path.h"

namespace runts {

namespace {
constexpr int AF_INET = 2;
constexpr int SOCK_DGRAM = 2;
constexpr int SOCK_CLOEXEC = 02000000;
constexpr u16 IFF_UP = 1;

/** struct ifreq of <linux/if.h>, which drags in the C library. */
struct InterfaceRequest {
  char name[16];
  u16 flags;
  u8 rest[22];
};
}  // namespace

Result run(Context& context, const ops::NsOpen& op) {
  // Not blocking: the path may name a fifo as well as a namespace.
  long opened = sys::openat(AT_FDCWD, op.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  TRY_SYS(opened, "open", op.path);
  Fd file(opened);
  long type = sys::ioctl(file.get(), NS_GET_NSTYPE, u64{0});
  if (type < 0) return fail(EINVAL, "ioctl(NS_GET_NSTYPE)", op.path);
  if (static_cast<u32>(type) != op.type) return fail(EINVAL, "ioctl(NS_GET_NSTYPE)", op.path);
  context.set_slot(op.slot, file.release());
  return ok();
}

Result run(Context& context, const ops::NsForeign& op) {
  struct statx joined;
  struct statx own;
  TRY(status_of(context.slots[op.slot], op.own, joined));
  TRY_SYS(sys::statx(AT_FDCWD, op.own.c_str(), 0, STATX_INO, &own), "statx", op.own);
  const bool same = joined.stx_ino == own.stx_ino && joined.stx_dev_major == own.stx_dev_major &&
                    joined.stx_dev_minor == own.stx_dev_minor;
  return same ? fail(EEXIST, "", op.refusal) : ok();
}

Result run(Context& context, const ops::NsJoin& op) {
  TRY_SYS(sys::setns(context.slots[op.slot], op.flags), "setns");
  return ok();
}

Result run(Context&, const ops::NsUnshare& op) {
  TRY_SYS(sys::unshare(op.flags), "unshare");
  return ok();
}

Result run(Context&, const ops::NsTimeOffsets& op) {
  const char* path = "/proc/self/timens_offsets";
  long opened = sys::openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
  TRY_SYS(opened, "open", path);
  Fd file(opened);
  // One write: the kernel takes both clocks together or none.
  TRY_SYS(sys::write(file.get(), op.text.data, op.text.size), "write", path);
  return ok();
}

namespace {

/** The child goes on with the next stage; we tell of it, and with CLONE_PIDFD send its pidfd, and end. */
Result clone_process(Context& context, u64 flags) {
  int pidfd = -1;
  int gate[2];
  TRY_SYS(sys::pipe2(gate, O_CLOEXEC), "pipe2");
  // The child becomes the runtime's child, and with that the child of whoever adopts what the runtime leaves behind.
  // CLONE_PARENT takes the exit signal from us and refuses one of its own.
  // Not clone3(2), whose flags a filter cannot see, so that many forbid it: in exec one may be loaded already.
  long pid = sys::clone(flags | CLONE_PARENT, &pidfd);
  TRY_SYS(pid, "clone");
  if (pid == 0) {
    sys::close(gate[1]);
    context.gate = gate[0];
    context.stage = stages::init;
    return ok();
  }
  TRY(send_event(context, events::cloned, 0, static_cast<u64>(pid), {}, pidfd));
  sys::exit(0);
}

}  // namespace

Result run(Context& context, const ops::NsClone& op) {
  return clone_process(context, op.flags);
}

Result run(Context& context, const ops::NsCloneWithin& op) {
  return clone_process(context, static_cast<u64>(op.flags) | CLONE_PIDFD);
}

Result run(Context&, const ops::LoopbackUp&) {
  long opened = sys::call(__NR_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  TRY_SYS(opened, "socket");
  Fd socket(opened);
  InterfaceRequest request = {{'l', 'o'}, 0, {}};
  TRY_SYS(sys::ioctl(socket.get(), SIOCGIFFLAGS, &request), "ioctl(SIOCGIFFLAGS)", "lo");
  request.flags |= IFF_UP;
  TRY_SYS(sys::ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl(SIOCSIFFLAGS)", "lo");
  return ok();
}

Result run(Context&, const ops::HostnameSet& op) {
  TRY_SYS(sys::call(__NR_sethostname, op.name.data, op.name.size), "sethostname", op.name);
  return ok();
}

Result run(Context&, const ops::DomainnameSet& op) {
  TRY_SYS(sys::call(__NR_setdomainname, op.name.data, op.name.size), "setdomainname", op.name);
  return ok();
}

}  // namespace runts
