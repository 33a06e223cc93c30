// Entry point for a coverage-guided fuzzer: the talk with a hook, where the input says what the kernel answers to each
// call. Whatever it answers, what the program wrote arrives as it was written, what it gets is a beginning of what
// there is for it, and nothing outlasts its time.

#include <linux/errno.h>
#include <linux/poll.h>

#include <string>

#include "../core/exchange.h"
#include "../core/syscall.h"

using namespace runts;

namespace {

// Numbers that no descriptor of this process has.
constexpr int PIDFD = 1'000'001;
constexpr int INPUT = 1'000'002;
constexpr int OUTPUT = 1'000'003;
constexpr int WAITING = 1'000'004;
/** Bytes that may be taken between two looks at the clock. */
constexpr u64 MOST_BETWEEN = 160 * 1024;

void require(bool truth) {
  if (!truth) __builtin_trap();
}

/** A kernel that says what is written down; then: the program has ended, its pipes are closed. */
struct Script {
  const u8* at;
  const u8* end;
  u64 milliseconds = 1000;
  u64 deadline = 0;
  u64 unseen = 0;
  std::string written;
  std::string read;
  std::string taken;

  bool over() const { return at >= end; }
  u8 next() { return over() ? 0 : *at++; }
};

Script* script;

long scripted_clock_gettime(int, __kernel_timespec* to) {
  to->tv_sec = static_cast<i64>(script->milliseconds / 1000);
  to->tv_nsec = static_cast<i64>(script->milliseconds % 1000 * 1'000'000);
  return 0;
}

/** The errno of a call that fails; 0: it does not. */
long failure(u8 kind, long other) {
  if (kind % 8 == 1) return -EAGAIN;
  if (kind % 8 == 2) return -EINTR;
  return kind % 8 == 3 ? other : 0;
}

long scripted_read(int fd, void* to, u64 size) {
  require(fd == OUTPUT && size > 0);
  if (script->over()) return 0;
  const u8 kind = script->next();
  if (const long failed = failure(kind, -EIO)) return failed;
  const u64 wanted = kind % 8 == 4 ? size : 1 + script->next() % size;
  for (u64 i = 0; i < wanted; i++) static_cast<char*>(to)[i] = static_cast<char>('a' + (script->read.size() + i) % 23);
  script->read.append(static_cast<char*>(to), wanted);
  script->unseen += wanted;
  require(script->unseen <= MOST_BETWEEN);
  return static_cast<long>(wanted);
}

long scripted_write(int fd, const void* from, u64 size) {
  require(fd == INPUT && size > 0);
  if (script->over()) return -EPIPE;
  const u8 kind = script->next();
  if (const long failed = failure(kind, -EPIPE)) return failed;
  const u64 taken = kind % 8 == 4 ? size : 1 + script->next() % size;
  script->written.append(static_cast<const char*>(from), taken);
  return static_cast<long>(taken);
}

/** What poll(2) may say of a pipe that is full, empty, closed or broken. */
short events_of(const pollfd& polled, u8 choice) {
  constexpr short kinds[] = {0, 0, POLLIN, POLLOUT, POLLHUP, POLLERR, POLLNVAL, POLLIN | POLLHUP};
  const short happened = kinds[choice % 8];
  return polled.fd < 0 ? 0 : static_cast<short>(happened & (polled.events | POLLHUP | POLLERR | POLLNVAL));
}

long scripted_ppoll(pollfd* polled, u64 count, const __kernel_timespec* timeout) {
  require(count == 4 && polled[0].fd == PIDFD);
  require(script->deadline == 0 || script->milliseconds < script->deadline);
  require((script->deadline == 0) == (timeout == nullptr));
  script->unseen = 0;
  if (script->over()) {
    for (u64 i = 0; i < count; i++) polled[i].revents = i == 0 ? POLLIN : 0;
    return 1;
  }
  const u8 kind = script->next();
  if (kind >= 240) return kind % 2 == 0 ? -EINTR : -ENOMEM;
  script->milliseconds += kind % 16;
  long ready = 0;
  for (u64 i = 0; i < count; i += 2) {
    const u8 choice = script->next();
    polled[i].revents = events_of(polled[i], choice);
    polled[i + 1].revents = events_of(polled[i + 1], choice / 8);
    ready += (polled[i].revents != 0) + (polled[i + 1].revents != 0);
  }
  return ready;
}

}  // namespace

#define clock_gettime scripted_clock_gettime
#define read scripted_read
#define write scripted_write
#define ppoll scripted_ppoll
namespace runts::sys {
using ::scripted_clock_gettime;
using ::scripted_ppoll;
using ::scripted_read;
using ::scripted_write;
}  // namespace runts::sys
#include "../core/exchange.cc"
#undef clock_gettime
#undef read
#undef write
#undef ppoll

extern "C" int LLVMFuzzerTestOneInput(const u8* bytes, size_t size) {
  if (size < 4) return 0;
  Script told = {bytes + 4, bytes + size};
  script = &told;
  Exchange exchange;
  exchange.pidfd = PIDFD;
  exchange.input.reset(INPUT);
  exchange.output.reset(OUTPUT);
  exchange.waiting = bytes[0] % 2 == 0 ? WAITING : -1;
  std::string texts[3];
  std::string all;
  for (size_t i = 0; i < 3; i++) {
    // 0, some bytes, or more than one write takes.
    texts[i].assign(bytes[i + 1] < 250 ? bytes[i + 1] : 5'000, static_cast<char>('0' + i));
    exchange.text[i] = {texts[i].data(), texts[i].size()};
    all += texts[i];
  }
  if (bytes[0] / 2 % 2 == 0) exchange.deadline = told.deadline = deadline_after(bytes[0]);
  exchange.take = [](void* to, Str piece) { static_cast<Script*>(to)->taken.append(piece.data, piece.size); };
  exchange.to = &told;
  const long end = exchange.attend();
  require(told.taken == told.read);
  require(all.compare(0, told.written.size(), told.written) == 0);
  require(end == Exchange::ENDED || end == Exchange::TIMED_OUT || end == Exchange::ORPHANED || end == -ENOMEM);
  require(end != Exchange::TIMED_OUT || (told.deadline > 0 && told.milliseconds >= told.deadline));
  require(end != Exchange::ORPHANED || bytes[0] % 2 == 0);
  return 0;
}
