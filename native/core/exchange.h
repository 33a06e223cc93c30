#pragma once

#include "fd.h"
#include "types.h"

namespace runts {

/** A program that runs with pipes at its standard streams, and what passes through them. */
struct Exchange {
  /** How it came to its end. */
  enum : long { ENDED, TIMED_OUT, ORPHANED };

  int pidfd = -1;
  /** Write end of its standard input, read end of its output; both non-blocking. Closed when nothing more can pass. */
  Fd input;
  Fd output;
  /** What is left to write, one after the other. */
  Str text[3];
  /** Gets what the program writes, piece by piece. */
  void (*take)(void* to, Str piece) = nullptr;
  void* to = nullptr;
  /** When its time is up (deadline_after); 0: never. */
  u64 deadline = 0;
  /** A descriptor whose other side closes when nobody waits for the program any more; -1: none. */
  int waiting = -1;

  /**
   * Feeds and collects until the program ends, its time is up, or nobody waits for it any more. Kills and reaps
   * nothing. SIGPIPE must not be deadly: a program need not read what it gets.
   * @returns ENDED, TIMED_OUT or ORPHANED; -errno of ppoll(2)
   */
  long attend();

 private:
  void feed();
  void collect();
};

/** The time of the monotonic clock in so many milliseconds. */
u64 deadline_after(u64 milliseconds);

}  // namespace runts
