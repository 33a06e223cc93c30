#pragma once

#include "context.h"

namespace runts {

/** What we want of a line of proc_pid_mountinfo(5). `path` is unescaped. */
struct MountinfoLine {
  u64 id;
  Text<PATH_SIZE> path;
  Str type;
  /** Whether it shares what is mounted in it with others, or follows one that does. */
  bool propagates;
};

/** Reads /proc/self/mountinfo line by line. Mounts may go away meanwhile; the kernel keeps the place. */
class Mountinfo {
 public:
  Result open();
  /** `more` is false at the end; `line` is valid until the next call. */
  Result next(MountinfoLine& line, bool& more);

 private:
  bool parse(Str text, MountinfoLine& line);

  Fd file_;
  /** Longest line: two paths and the options of an overlay, which are a page at the most. */
  char buffer_[16384];
  u64 begin_ = 0;
  u64 end_ = 0;
};

/** Calls `act`, which returns a Result, with every line until one fails. */
template <typename Act>
Result for_each_mount(const Act& act) {
  Mountinfo mounts;
  TRY(mounts.open());
  MountinfoLine line;
  for (;;) {
    bool more = false;
    TRY(mounts.next(line, more));
    if (!more) return ok();
    TRY(act(line));
  }
}

}  // namespace runts
