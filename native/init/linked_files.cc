#include "linked_files.h"

#include "vectors.h"

namespace runts {

namespace {

constexpr u64 FIRST_FILES = 256;
constexpr u64 FIRST_PATHS = 1 << 14;

u64 device_of(const struct statx& status) {
  return static_cast<u64>(status.stx_dev_major) << 32 | status.stx_dev_minor;
}

}  // namespace

LinkedFiles::~LinkedFiles() {
  sys::munmap(files_, capacity_ * sizeof(File));
  sys::munmap(paths_, paths_capacity_);
}

const char* LinkedFiles::find(const struct statx& status) const {
  if (count_ == 0) return nullptr;
  const File& file = place(device_of(status), status.stx_ino);
  return file.path == 0 ? nullptr : paths_ + file.path - 1;
}

Result LinkedFiles::add(const struct statx& status, Str path) {
  if (count_ * 2 >= capacity_) TRY(grow_files());
  if (paths_size_ + path.size + 1 > paths_capacity_) TRY(grow_paths(path.size + 1));
  place(device_of(status), status.stx_ino) = {device_of(status), status.stx_ino, paths_size_ + 1};
  count_++;
  for (u64 i = 0; i < path.size; i++) paths_[paths_size_++] = path.data[i];
  paths_[paths_size_++] = '\0';
  return ok();
}

LinkedFiles::File& LinkedFiles::place(u64 device, u64 inode) const {
  // Inode numbers mostly are consecutive: they spread by themselves.
  u64 at = (inode ^ device) & (capacity_ - 1);
  while (files_[at].path != 0 && (files_[at].inode != inode || files_[at].device != device)) {
    at = (at + 1) & (capacity_ - 1);
  }
  return files_[at];
}

Result LinkedFiles::grow_files() {
  const u64 before = capacity_;
  File* const old = files_;
  const u64 capacity = before == 0 ? FIRST_FILES : before * 2;
  File* files = allocate<File>(capacity);
  if (files == nullptr) return fail(ENOMEM, "mmap", "tmpcopyup");
  files_ = files;
  capacity_ = capacity;
  for (u64 i = 0; i < before; i++) {
    if (old[i].path != 0) place(old[i].device, old[i].inode) = old[i];
  }
  sys::munmap(old, before * sizeof(File));
  return ok();
}

Result LinkedFiles::grow_paths(u64 needed) {
  u64 capacity = paths_capacity_ == 0 ? FIRST_PATHS : paths_capacity_ * 2;
  while (capacity < paths_size_ + needed) capacity *= 2;
  char* paths = allocate<char>(capacity);
  if (paths == nullptr) return fail(ENOMEM, "mmap", "tmpcopyup");
  for (u64 i = 0; i < paths_size_; i++) paths[i] = paths_[i];
  sys::munmap(paths_, paths_capacity_);
  paths_ = paths;
  paths_capacity_ = capacity;
  return ok();
}

}  // namespace runts
