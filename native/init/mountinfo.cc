#include "mountinfo.h"

namespace runts {

namespace {

/** Undoes the kernel's \ooo for space, tab, newline and backslash. */
void unescape(Str text, Text<PATH_SIZE>& to) {
  to.clear();
  for (u64 i = 0; i < text.size; i++) {
    const char* at = text.data + i;
    if (*at != '\\' || i + 3 >= text.size) {
      to.add(*at);
      continue;
    }
    to.add(static_cast<char>((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0')));
    i += 3;
  }
}

}  // namespace

Result Mountinfo::open() {
  long fd = sys::openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  TRY_SYS(fd, "openat", "/proc/self/mountinfo");
  file_.reset(fd);
  return ok();
}

Result Mountinfo::next(MountinfoLine& line, bool& more) {
  for (;;) {
    Str left = {buffer_ + begin_, end_ - begin_};
    u64 size = find(left, '\n');
    if (size < left.size) {
      begin_ += size + 1;
      more = parse({left.data, size}, line);
      return more ? ok() : fail(EBADMSG, "read", "/proc/self/mountinfo");
    }
    for (u64 i = 0; i < left.size; i++) buffer_[i] = left.data[i];
    begin_ = 0;
    end_ = left.size;
    long got = sys::read(file_.get(), buffer_ + end_, sizeof(buffer_) - end_);
    TRY_SYS(got, "read", "/proc/self/mountinfo");
    if (got == 0) {
      more = false;
      return end_ == 0 ? ok() : fail(EBADMSG, "read", "/proc/self/mountinfo");
    }
    end_ += static_cast<u64>(got);
  }
}

/** id parent major:minor root PATH options [optional fields] - TYPE source options */
bool Mountinfo::parse(Str text, MountinfoLine& line) {
  u64 at = 0;
  for (line.id = 0; at < text.size && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
    line.id = line.id * 10 + static_cast<u64>(text.data[at] - '0');
  }
  at = 0;
  for (u32 field = 0; field < 4; field++) at = find(text, ' ', at) + 1;
  if (at >= text.size) return false;
  u64 end = find(text, ' ', at);
  unescape({text.data + at, end - at}, line.path);
  line.propagates = false;
  for (at = end; at + 3 <= text.size; at = find(text, ' ', at + 1)) {
    const Str left = {text.data + at, text.size - at};
    if (starts_with(left, str(" shared:")) || starts_with(left, str(" master:"))) line.propagates = true;
    if (!starts_with(left, str(" - "))) continue;
    u64 type = at + 3;
    line.type = {text.data + type, find(text, ' ', type) - type};
    return !line.path.truncated();
  }
  return false;
}

}  // namespace runts
