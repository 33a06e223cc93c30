#pragma once

#include <linux/stat.h>

#include "../core/result.h"
#include "../core/text.h"
#include "context.h"

namespace runts {

/** Files with several names that have been copied, and a path of each copy: the next name is to be a link to it. */
class LinkedFiles {
 public:
  LinkedFiles() = default;
  ~LinkedFiles();
  LinkedFiles(const LinkedFiles&) = delete;
  LinkedFiles& operator=(const LinkedFiles&) = delete;

  /** Path of the copy, null when the file has none yet. Valid until the next add. */
  const char* find(const struct statx& status) const;

  Result add(const struct statx& status, Str path);

 private:
  struct File {
    u64 device;
    u64 inode;
    /** Where its path begins in paths_, plus one: 0 marks a free place. */
    u64 path;
  };

  /** The place of a file, or the free one where it belongs. */
  File& place(u64 device, u64 inode) const;
  Result grow_files();
  Result grow_paths(u64 needed);

  File* files_ = nullptr;
  /** A power of two, at most half of it taken. */
  u64 capacity_ = 0;
  u64 count_ = 0;
  char* paths_ = nullptr;
  u64 paths_capacity_ = 0;
  u64 paths_size_ = 0;
};

}  // namespace runts
