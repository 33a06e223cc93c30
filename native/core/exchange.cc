#include "exchange.h"

#include <linux/errno.h>
#include <linux/poll.h>

#include "syscall.h"

namespace runts {

namespace {

/** More than a pipe usually holds. */
constexpr u64 MOST_AT_ONCE = 128 * 1024;

/** CLOCK_MONOTONIC: the kernel's <linux/time.h> and musl's <time.h> do not go together. */
constexpr int MONOTONIC_CLOCK = 1;

}  // namespace

u64 deadline_after(u64 milliseconds) {
  __kernel_timespec time = {};
  sys::clock_gettime(MONOTONIC_CLOCK, &time);
  return static_cast<u64>(time.tv_sec) * 1000 + static_cast<u64>(time.tv_nsec) / 1000000 + milliseconds;
}

void Exchange::feed() {
  for (Str& part : text) {
    while (part.size > 0) {
      long written = sys::write(input.get(), part.data, part.size);
      if (written == -EAGAIN) return;
      if (written == -EINTR) continue;
      // EPIPE: whether a program reads what it gets is none of our business.
      if (written < 0) return input.reset();
      part = {part.data + written, part.size - static_cast<u64>(written)};
    }
  }
  input.reset();
}

/** Takes what is there. Bounded, or who writes without pause would outrun its deadline. */
void Exchange::collect() {
  char piece[4096];
  for (u64 taken = 0; output && taken < MOST_AT_ONCE;) {
    long size = sys::read(output.get(), piece, sizeof(piece));
    if (size == -EAGAIN) return;
    if (size == -EINTR) continue;
    if (size <= 0) return output.reset();
    take(to, {piece, static_cast<u64>(size)});
    taken += static_cast<u64>(size);
  }
}

long Exchange::attend() {
  for (;;) {
    __kernel_timespec left = {};
    if (deadline > 0) {
      const u64 now = deadline_after(0);
      if (now >= deadline) return TIMED_OUT;
      left.tv_sec = static_cast<i64>((deadline - now) / 1000);
      left.tv_nsec = static_cast<i64>((deadline - now) % 1000 * 1000000);
    }
    pollfd watched[] = {{pidfd, POLLIN, 0}, {output.get(), POLLIN, 0}, {input.get(), POLLOUT, 0}, {waiting, 0, 0}};
    long ready = sys::ppoll(watched, 4, deadline > 0 ? &left : nullptr);
    if (ready == -EINTR) continue;
    if (ready < 0) return ready;
    if (watched[2].revents != 0) feed();
    // Also at its end: what it wrote before is in the pipe already. Processes it left behind may keep that open; they
    // are not waited for.
    if (watched[1].revents != 0 || watched[0].revents != 0) collect();
    if (watched[0].revents != 0) return ENDED;
    if (watched[3].revents != 0) return ORPHANED;
  }
}

}  // namespace runts
