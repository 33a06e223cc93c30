#pragma once

#include <signal.h>

#include <cstdint>
#include <vector>

#include "../core/fd.h"

namespace runts::addon {

/**
 * Catches signals of the whole process while it lives, whichever thread they reach, and hands them out through a pipe
 * that can be polled; where the process has one thread, through a signalfd(2), which takes a tenth of the system calls.
 * One at a time per process (EBUSY). Dispositions are restored on destruction.
 */
class SignalPipe {
 public:
  /** Signals that cannot be caught are passed over. Throws SystemError. */
  explicit SignalPipe(const std::vector<int>& signals);
  ~SignalPipe();
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;

  /** Readable when a signal has come. */
  int fd() const;

  /** The signals that have come, in order; never blocks. */
  std::vector<int> take();

  /** Does to this process what the signal would have done without us: stops it, until SIGCONT. */
  void strike(int signal);

 private:
  void block(const std::vector<int>& signals);
  void install(const std::vector<int>& signals);

  Fd descriptor_;
  std::vector<int> caught_;
  uint64_t old_mask_ = 0;
};

}  // namespace runts::addon
