#include <asm/ioctls.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/mount.h>
#include <linux/termios.h>

#include "dispatch.gen.h"
#include "path.h"

namespace runts {

namespace {

struct FilesystemStatus {
  i64 type;
  i64 rest[15];
};

/** Refuses everything that is not the multiplexer of a devpts: the image may have put anything there. */
Result check_multiplexer(int fd, Str path) {
  FilesystemStatus filesystem;
  TRY_SYS(sys::fstatfs(fd, &filesystem), "fstatfs", path);
  struct statx info;
  TRY(status_of(fd, path, info));
  if (filesystem.type == DEVPTS_SUPER_MAGIC && S_ISCHR(info.stx_mode) && info.stx_rdev_major == TTYAUX_MAJOR &&
      info.stx_rdev_minor == 2) {
    return ok();
  }
  return fail(ENODEV, "open", path);
}

Result open_master(Context& context, Str devpts, Fd& master) {
  Text<PATH_SIZE> path;
  path.add(devpts).add("/ptmx");
  if (path.truncated()) return fail(ENAMETOOLONG, "open", devpts);
  // Not blocking until we know what it is: it could be a fifo.
  TRY(open_in_root(context, path.view(), O_RDWR | O_NOCTTY | O_NONBLOCK, RESOLVE_NO_SYMLINKS, master));
  TRY(check_multiplexer(master.get(), path.view()));
  TRY_SYS(sys::fcntl(master.get(), F_SETFL, O_RDWR), "fcntl", path.view());
  return ok();
}

/** The slave by the master, never by its name /dev/pts/N, which the container could have replaced (CVE-2025-52565). */
Result open_slave(int master, Fd& slave) {
  int locked = 0;
  TRY_SYS(sys::ioctl(master, TIOCSPTLCK, &locked), "ioctl(TIOCSPTLCK)");
  long opened = sys::ioctl(master, TIOCGPTPEER, u64{O_RDWR | O_NOCTTY | O_CLOEXEC});
  TRY_SYS(opened, "ioctl(TIOCGPTPEER)");
  slave.reset(opened);
  return ok();
}

Result mount_slave(Context& context, int slave, Str console) {
  Fd target;
  MakeOptions options;
  options.creation = Creation::File;
  options.mode = 0600;
  options.no_symlinks = true;
  TRY(make_in_root(context, console, options, target, nullptr));
  long cloned = sys::open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  TRY_SYS(cloned, "open_tree", console);
  Fd tree(cloned);
  TRY_SYS(sys::move_mount(tree.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
          "move_mount", console);
  return ok();
}

/** Has newlines pass as they are written. */
Result clear_onlcr(int slave) {
  termios modes;
  TRY_SYS(sys::ioctl(slave, TCGETS, &modes), "ioctl(TCGETS)");
  modes.c_oflag &= ~u32{ONLCR};
  TRY_SYS(sys::ioctl(slave, TCSETS, &modes), "ioctl(TCSETS)");
  return ok();
}

}  // namespace

Result run(Context& context, const ops::ConsoleOpen& op) {
  Fd master;
  Fd slave;
  TRY(open_master(context, op.devpts, master));
  TRY(open_slave(master.get(), slave));
  TRY_SYS(sys::fchown(slave.get(), op.uid, static_cast<u32>(-1)), "fchown", "console");
  if (op.width != 0 || op.height != 0) {
    winsize size = {static_cast<u16>(op.height), static_cast<u16>(op.width), 0, 0};
    TRY_SYS(sys::ioctl(slave.get(), TIOCSWINSZ, &size), "ioctl(TIOCSWINSZ)");
  }
  if (!op.onlcr) TRY(clear_onlcr(slave.get()));
  if (!op.console.empty()) TRY(mount_slave(context, slave.get(), op.console));
  TRY(send_event(context, events::descriptor, 0, descriptor_kinds::console, {}, master.get()));
  for (int fd = 0; fd <= 2; fd++) TRY_SYS(sys::dup3(slave.get(), fd, 0), "dup3", "console");
  return ok();
}

Result run(Context&, const ops::ConsoleControl&) {
  TRY_SYS(sys::ioctl(0, TIOCSCTTY, u64{0}), "ioctl(TIOCSCTTY)");
  return ok();
}

}  // namespace runts
