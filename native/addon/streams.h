#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "../core/fd.h"

namespace runts::addon {

/** Pipes that stand for the standard streams of the caller in a process that is started. */
class StreamPipes {
 public:
  /**
   * A pipe for each stream but for the null device, which needs none. Two outputs that are one open file share one, so
   * that what is written to both keeps its order. Throws SystemError.
   */
  explicit StreamPipes(const int (&caller)[3]);

  /** What the process gets; -1: the caller's own. Close-on-exec. */
  int theirs(size_t stream) const { return theirs_[stream == 2 && shared_ ? 1 : stream].get(); }
  /** Once the process has them: our copies would keep the pipes from their end. */
  void close_theirs();
  /** Our end, which does not block; -1: none. */
  Fd take(size_t stream) { return std::move(ours_[stream]); }
  /** fchown(2) of all of them. */
  void give(unsigned uid) const;

 private:
  void connect(size_t stream);

  std::array<Fd, 3> theirs_;
  std::array<Fd, 3> ours_;
  bool shared_ = false;
};

/**
 * Pipes of the process that was started last, for the foreground that is about to come. Who asks for none, as other
 * threads do, touches it not.
 */
extern std::unique_ptr<StreamPipes> held_streams;

}  // namespace runts::addon
