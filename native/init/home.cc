#include "dispatch.gen.h"
#include "path.h"

namespace runts {

namespace {

/** Bytes read of an account file at the most: a file of an image may be holes of many terabytes. */
constexpr u64 ACCOUNTS_SIZE = 16 << 20;

/**
 * Reads a file line by line; the last one may lack its newline. Lines longer than the buffer are passed over: no entry
 * of /etc/passwd has that length.
 */
class Lines {
 public:
  explicit Lines(int fd) : fd_(fd) {}

  /** Whether more is in the file than is read of it. */
  bool cut() const { return read_ >= ACCOUNTS_SIZE; }

  bool next(Str& line) {
    for (;;) {
      const Str rest = {buffer_ + start_, end_ - start_};
      const u64 length = find(rest, '\n');
      if (length < rest.size) {
        start_ += length + 1;
        if (is_end_of_long_line()) continue;
        line = {rest.data, length};
        return true;
      }
      if (refill()) continue;
      line = {buffer_, end_};
      end_ = 0;
      return !line.empty() && !is_end_of_long_line();
    }
  }

  /** The negative errno that ended the reading too early, else 0. */
  long failure() const { return failure_; }

 private:
  bool refill() {
    const bool is_full = end_ - start_ == sizeof(buffer_);
    if (is_full) too_long_ = true;
    const u64 kept = is_full ? 0 : end_ - start_;
    for (u64 i = 0; i < kept; i++) buffer_[i] = buffer_[start_ + i];
    start_ = 0;
    end_ = kept;
    if (cut()) return false;
    const long got = sys::read(fd_, buffer_ + end_, sizeof(buffer_) - end_);
    if (got < 0) failure_ = got;
    if (got <= 0) return false;
    end_ += static_cast<u64>(got);
    read_ += static_cast<u64>(got);
    return true;
  }

  bool is_end_of_long_line() {
    const bool was_too_long = too_long_;
    too_long_ = false;
    return was_too_long;
  }

  int fd_;
  long failure_ = 0;
  char buffer_[4096];
  u64 start_ = 0;
  u64 end_ = 0;
  /** Whether the beginning of the present line has been passed over. */
  bool too_long_ = false;
  u64 read_ = 0;
};

/** Field `wanted` (from 0) of a line of /etc/passwd. */
Str field(Str line, u32 wanted) {
  u64 at = 0;
  for (u32 i = 0; i < wanted && at < line.size; i++) at = find(line, ':', at) + 1;
  if (at > line.size) return {};
  return {line.data + at, find(line, ':', at) - at};
}

/** Whether `text` is `number` in decimal; a name of digits in the first field never counts (CVE-2016-3697). */
bool is_number(Str text, u32 number) {
  u64 value = 0;
  if (text.empty() || text.size > 10) return false;
  for (u64 i = 0; i < text.size; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + static_cast<u64>(text.data[i] - '0');
  }
  return value == number;
}

/** What is no answer to the question whether there is such a file, or what it says. */
bool is_exhaustion(i32 error) {
  return error == EIO || error == ENOMEM || error == EMFILE || error == ENFILE;
}

bool is_regular(int fd) {
  struct statx status;
  return status_of(fd, str("/etc/passwd"), status).ok() && S_ISREG(status.stx_mode);
}

}  // namespace

Result run(Context& context, const ops::HomeFind& op) {
  context.home.clear();
  context.home.add("HOME=");
  Fd passwd;
  // Non-blocking, because an image may have put a fifo there.
  const Result opened = open_in_root(context, str("/etc/passwd"), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, passwd);
  // An image need not have one, and may have a fifo or a loop of links for it.
  if (is_exhaustion(opened.error)) return opened;
  if (opened.ok() && is_regular(passwd.get())) {
    Lines lines(passwd.get());
    for (Str line; lines.next(line);) {
      if (!is_number(field(line, 2), op.uid)) continue;
      const Str home = field(line, 5);
      if (!home.empty()) {
        context.home.add(home);
        return ok();
      }
      break;
    }
    TRY_SYS(lines.failure(), "read", "/etc/passwd");
    if (lines.cut()) warn(context, fail(EFBIG, "read", "/etc/passwd: HOME is looked for in its first 16 MiB alone"));
  }
  context.home.add("/");
  return ok();
}

}  // namespace runts
