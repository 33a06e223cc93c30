#pragma once

#include <poll.h>

#include <cstddef>
#include <string>
#include <vector>

namespace runts::addon {

/** Files of kernfs of which some tell of changes by POLLPRI. The descriptors are somebody else's; -1 = none. */
class ChangingFiles {
 public:
  static constexpr size_t MOST = 3;

  /** Throws SystemError (EINVAL) for more than MOST. */
  explicit ChangingFiles(std::vector<int> files);

  /** What to poll for: MOST entries. */
  void poll_for(pollfd* entries) const;

  /** The beginning of each; empty where nothing can be read. At once: their directory may be gone a moment later. */
  std::vector<std::string> read();

  /** Nothing is polled for any more. */
  void forget();

 private:
  std::vector<int> files_;
  std::vector<int> polled_;
};

}  // namespace runts::addon
