#pragma once

#include <termios.h>

#include <cstddef>

#include "fd.h"

namespace runts::addon {

/** Copies the size of the terminal `from` to `to`; nothing happens when `from` is no terminal or has no size. */
void copy_window_size(int from, int to);

/** Raw mode of a terminal for as long as this lives; nothing when `fd` is no terminal. */
class RawMode {
 public:
  /** `fd` -1: none. */
  explicit RawMode(int fd);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

  /** Once more, after a shell has taken the terminal back for a while. */
  void renew();

 private:
  int fd_;
  termios saved_;
};

/** One direction of a copy: reads only while nothing waits to be written, never blocks on writing. */
class Pump {
 public:
  /** Either may be -1: nothing is ever copied. */
  Pump(int source, int sink) : source_(source), sink_(sink) {}

  /** What to poll for input and for output; -1 when not wanted. */
  int polled_source() const { return size_ == 0 ? source_ : -1; }
  int polled_sink() const { return size_ == 0 ? -1 : sink_; }

  bool source_open() const { return source_ >= 0; }
  bool empty() const { return size_ == 0; }
  /** Nothing more is read, and what waits is forgotten. */
  void stop() {
    source_ = -1;
    size_ = 0;
  }

  /** Reads what is there; an end or an error closes the source for good. */
  void fill();
  /** Writes what fits. With `hung_up` what does not fit is dropped, as nobody will ever take it. */
  void flush(bool hung_up);

 private:
  int source_;
  int sink_;
  bool broken_ = false;
  size_t begin_ = 0;
  size_t size_ = 0;
  char bytes_[16 * 1024];
};

/** A descriptor for the same output that does not block, without changing the one that others share. */
class Output {
 public:
  explicit Output(int fd);
  int fd() const { return own_.get() >= 0 ? own_.get() : shared_; }

 private:
  int shared_;
  Fd own_;
};

}  // namespace runts::addon
