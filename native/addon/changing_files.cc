#include "changing_files.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "error.h"

namespace runts::addon {

namespace {

/** Bytes of a file that are looked at. */
constexpr size_t MOST_OF_FILE = 4096;

}  // namespace

ChangingFiles::ChangingFiles(std::vector<int> files) : files_(std::move(files)), polled_(files_) {
  if (files_.size() > MOST) throw SystemError{EINVAL, "foreground", "", ""};
  polled_.resize(MOST, -1);
}

void ChangingFiles::poll_for(pollfd* entries) const {
  for (int fd : polled_) *entries++ = {fd, POLLPRI, 0};
}

std::vector<std::string> ChangingFiles::read() {
  std::vector<std::string> texts;
  for (size_t index = 0; index < files_.size(); index++) {
    char content[MOST_OF_FILE];
    ssize_t size = ::pread(files_[index], content, sizeof content, 0);
    // Poll says for ever that a file without a directory has changed.
    if (size < 0) polled_[index] = -1;
    texts.emplace_back(content, static_cast<size_t>(std::max<ssize_t>(size, 0)));
  }
  return texts;
}

void ChangingFiles::forget() {
  polled_.assign(MOST, -1);
}

}  // namespace runts::addon
