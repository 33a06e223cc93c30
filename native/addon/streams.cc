/** Standard streams: pipes that stand for the caller's, and the change of their owner. */
#include "streams.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "arguments.h"
#include "exports.h"

namespace runts::addon {

std::unique_ptr<StreamPipes> held_streams;

namespace {

constexpr gid_t KEEP_GROUP = static_cast<gid_t>(-1);

bool is_null_device(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/** Whether both are one open file, as after "2>&1"; false also where the kernel cannot tell. */
bool is_same_file(int first, int second) {
  pid_t self = getpid();
  return syscall(SYS_kcmp, self, self, KCMP_FILE, first, second) == 0;
}

/** Refusals that leave a stream usable: read-only mounts, unmapped ids, files that have no owner. */
void change_owner(int fd, unsigned uid) {
  if (fchown(fd, uid, KEEP_GROUP) == 0 || errno == EPERM || errno == EROFS || errno == EINVAL) return;
  fail("fchown");
}

}  // namespace

StreamPipes::StreamPipes(const int (&caller)[3]) {
  bool wanted[3];
  for (size_t i = 0; i < 3; i++) wanted[i] = !is_null_device(caller[i]);
  shared_ = wanted[1] && wanted[2] && is_same_file(caller[1], caller[2]);
  for (size_t i = 0; i < 3; i++) {
    if (wanted[i] && !(i == 2 && shared_)) connect(i);
  }
}

void StreamPipes::connect(size_t stream) {
  int ends[2];
  check(pipe2(ends, O_CLOEXEC), "pipe2");
  bool input = stream == 0;
  theirs_[stream].reset(ends[input ? 0 : 1]);
  ours_[stream].reset(ends[input ? 1 : 0]);
  check(fcntl(ours_[stream].get(), F_SETFL, O_NONBLOCK), "fcntl");
}

void StreamPipes::close_theirs() {
  for (Fd& fd : theirs_) fd.reset();
}

void StreamPipes::give(unsigned uid) const {
  for (const Fd& fd : ours_) {
    if (fd.get() >= 0) change_owner(fd.get(), uid);
  }
}

namespace {

/** Of the caller's streams only what has no other name than this one, and fifos, which are made to be handed on. */
void give_own(unsigned uid, const std::vector<int>& streams) {
  for (int fd : streams) {
    struct stat status;
    check(fstat(fd, &status), "fstat");
    bool passing = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
    if (passing && status.st_uid != uid) change_owner(fd, uid);
  }
}

Napi::Value give_streams(const Napi::CallbackInfo& info) {
  uid_t uid = arguments::uint32(info[0]);
  const std::vector<int> streams = arguments::integers(info[1]);
  if (!streams.empty()) {
    give_own(uid, streams);
  } else if (held_streams && uid != geteuid()) {
    held_streams->give(uid);
  }
  return info.Env().Undefined();
}

}  // namespace

void add_streams(Napi::Object exports) {
  add<give_streams>(exports, "giveStreams");
}

}  // namespace runts::addon
