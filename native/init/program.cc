// What a program that could not be executed looks like: the facts from which the runtime says why.
//
// Gathered by init itself, so that nothing of the container is read with more rights than the container has, and after
// `failed` is sent: a seccomp filter may end us here.

#include "messages.h"
#include "mode.h"

namespace runts {

namespace {

/** As much of the file as fits into an event, two hexadecimal digits for a byte: the first line, or an ELF's headers.
 */
constexpr u64 HEAD_SIZE = 1024;
constexpr u64 ST_NOEXEC = 8;

struct FilesystemStatus {
  i64 words[10];
  u64 flags;
  i64 spare[4];
};

using Facts = Text<PATH_SIZE>;

void add_head(Facts& facts, int fd) {
  u8 head[HEAD_SIZE];
  long size = sys::read(fd, head, sizeof(head));
  for (long i = 0; i < size; i++) facts.add("0123456789abcdef"[head[i] >> 4]).add("0123456789abcdef"[head[i] & 15]);
}

/** Mode in octal, "noexec" or nothing, the first bytes. */
void add_file(Facts& facts, const char* path, u32 mode) {
  facts.number(mode, 8).add('\0');
  // Neither a fifo nor a device is opened: that could wait, or do something.
  long opened = S_ISREG(mode) ? sys::openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -EACCES;
  FilesystemStatus filesystem;
  long known = sys::call(__NR_statfs, path, &filesystem);
  if (known == 0 && (filesystem.flags & ST_NOEXEC) != 0) facts.add("noexec");
  facts.add('\0');
  if (opened < 0) return;
  add_head(facts, static_cast<int>(opened));
  sys::close(static_cast<int>(opened));
}

}  // namespace

void describe_program(Context& context) {
  const char* path = context.executable.c_str();
  if (context.executable.size() == 0 || context.executable.size() > PATH_SIZE / 4) return;
  Facts facts;
  facts.add(path).add('\0');
  u32 mode = 0;
  if (mode_of(AT_FDCWD, path, 0, mode) == 0) {
    add_file(facts, path, mode);
  } else {
    char target[PATH_SIZE / 4];
    long size = sys::readlinkat(AT_FDCWD, path, target, sizeof(target));
    facts.add('\0').add('\0').add('\0');
    if (size > 0) facts.add(Str{target, static_cast<u64>(size)});
  }
  (void)send_event(context, events::program, 0, 0, facts.view()).ok();
}

}  // namespace runts
