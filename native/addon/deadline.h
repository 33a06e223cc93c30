#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>

namespace runts::addon {

/** A moment of the monotonic clock after which a wait is over. */
class Deadline {
 public:
  /** Milliseconds from now; negative means never. */
  explicit Deadline(int64_t milliseconds) : end_(milliseconds < 0 ? -1 : now() + milliseconds) {}

  bool passed() const { return end_ >= 0 && now() >= end_; }

  /** What is left, as poll(2) wants it: -1 for never. */
  int poll_timeout() const {
    if (end_ < 0) return -1;
    return static_cast<int>(std::clamp<int64_t>(end_ - now(), 0, INT32_MAX));
  }

 private:
  static int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    // Rounded up: a wait that ends a fraction early would turn into a busy loop.
    return static_cast<int64_t>(time.tv_sec) * 1000 + (time.tv_nsec + 999'999) / 1'000'000;
  }

  int64_t end_;
};

}  // namespace runts::addon
