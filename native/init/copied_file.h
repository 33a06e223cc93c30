#pragma once

#include "../core/result.h"
#include "../core/syscall.h"

// One file of a tree that is copied (copyup.cc), of each kind but directories. The name is looked for in `from`, which
// somebody else may change meanwhile, and made in `to`, which nobody else can reach.

namespace runts {

struct Place {
  int from;
  int to;
};

Result copy_failure(long error, const char* syscall, Str name);

/** Owner, mode and times, of a directory too. */
Result copy_attributes(int parent, const char* name, const struct statx& status);

/** A regular file; holes stay holes. */
Result copy_file(const Place& place, const char* name);

Result copy_link(const Place& place, const char* name);

/** A device, fifo or socket. */
Result copy_node(const Place& place, const char* name, const struct statx& status);

}  // namespace runts
