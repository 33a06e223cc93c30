// Entry point for a coverage-guided fuzzer: the tables that init reads, which are those of the host or of an image.

// For the names of file types, which the kernel's header leaves to the C library where there is one.
#include <sys/stat.h>

// The readers are theirs alone.
#define private public
#include "../init/mountinfo.cc"
#undef private
#include "../init/home.cc"

using namespace runts;

namespace {

int file_of(const u8* bytes, u64 size) {
  const int fd = static_cast<int>(sys::call(__NR_memfd_create, "table", 0));
  if (fd < 0 || sys::write(fd, bytes, size) != static_cast<long>(size)) __builtin_trap();
  if (sys::call(__NR_lseek, fd, 0, 0) != 0) __builtin_trap();
  return fd;
}

/** What home.find opens. */
int accounts;

void read_mountinfo(const u8* bytes, u64 size) {
  Mountinfo table;
  table.file_.reset(file_of(bytes, size));
  MountinfoLine line;
  for (bool more = true; table.next(line, more).ok() && more;) {
    u64 sum = line.path.size();
    for (u64 i = 0; i < line.type.size; i++) sum += static_cast<u8>(line.type.data[i]);
    // A type lies within the line.
    if (line.type.size > sizeof table.buffer_ || sum > ~0ul / 2) __builtin_trap();
  }
}

void find_home(const u8* bytes, u64 size) {
  static Context context;
  accounts = file_of(bytes, size);
  ops::HomeFind op = {};
  op.uid = 1000;
  if (!run(context, op).ok()) return;
  const Str home = context.home.view();
  if (!starts_with(home, str("HOME="))) __builtin_trap();
}

}  // namespace

namespace runts {

Result open_in_root(Context&, Str, u64, u64, Fd& to) {
  to.reset(accounts);
  return ok();
}

Result status_of(int, Str, struct statx& to) {
  to.stx_mode = S_IFREG;
  return ok();
}

void warn(Context&, const Result&) {}

}  // namespace runts

extern "C" int LLVMFuzzerTestOneInput(const u8* bytes, u64 size) {
  if (size == 0) return 0;
  if (bytes[0] % 2 == 0)
    read_mountinfo(bytes + 1, size - 1);
  else
    find_home(bytes + 1, size - 1);
  return 0;
}
