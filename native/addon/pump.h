#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include "../core/fd.h"

namespace runts::addon {

/**
 * A descriptor for the same pipe or terminal that does not block, without changing the one that others share; else that
 * one.
 */
class Unblocked {
 public:
  /** `direction`: O_RDONLY or O_WRONLY; `fd` -1: none. */
  Unblocked(int fd, int direction);
  int fd() const { return own_.get() >= 0 ? own_.get() : shared_; }
  /** Bytes that can be written after POLLOUT without blocking. */
  size_t most() const { return most_; }

 private:
  int shared_;
  size_t most_ = std::numeric_limits<size_t>::max();
  Fd own_;
};

/** One direction of a copy: reads only while nothing waits to be written, never blocks on writing. */
class Pump {
 public:
  static constexpr size_t ANY = std::numeric_limits<size_t>::max();

  /** Either may be -1: nothing is ever copied. `most`: bytes of one write. */
  Pump(int source, int sink, size_t most) : source_(source), sink_(sink), most_(most) {}

  /** Gives it the one of the two that is a pipe of ours, to close as soon as nothing more can pass. */
  void own(Fd end) { own_ = std::move(end); }

  /** What to poll for input and for output; -1 when not wanted. */
  int polled_source() const { return size_ == 0 ? source_ : -1; }
  int polled_sink() const { return size_ == 0 ? -1 : sink_; }

  bool empty() const { return size_ == 0; }
  /** The last byte that was read; a newline before the first. */
  char last() const { return last_; }
  bool finished() const { return source_ < 0 && size_ == 0; }
  /** Nothing more is read, and what waits is forgotten. */
  void stop();

  /** Reads what is there; an end or an error closes the source for good. */
  void fill();
  /** Has a byte written that was not read, `count` times; nothing may wait to be written. */
  void put(char byte, size_t count);
  /** Writes what fits. With `hung_up` what does not fit is dropped, as nobody will ever take it. */
  void flush(bool hung_up);

 private:
  void settle();

  int source_;
  int sink_;
  size_t most_;
  Fd own_;
  bool broken_ = false;
  char last_ = '\n';
  size_t begin_ = 0;
  size_t size_ = 0;
  char bytes_[16 * 1024];
};

}  // namespace runts::addon
