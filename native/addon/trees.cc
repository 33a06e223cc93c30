/** Trees of directories, walked by descriptor: a process can nest them deeper than any path reaches. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"
#include "files.h"

namespace runts::addon {

namespace {

constexpr int DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/** What getdents64(2) tells of one name. */
struct Entry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

bool is_directory(int parent, const Entry* entry) {
  if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) return false;
  if (entry->type != DT_UNKNOWN) return entry->type == DT_DIR;
  struct stat status;
  return fstatat(parent, entry->name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/** Names of the directories in one; none when it has been removed. */
std::vector<std::string> directories_in(int fd, const char* path) {
  alignas(Entry) char buffer[8 * 1024];
  std::vector<std::string> names;
  for (;;) {
    long size = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
    if (size == 0 || (size < 0 && errno == ENOENT)) return names;
    check(size, "getdents64", path);
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      if (is_directory(fd, entry)) names.emplace_back(entry->name);
      at += entry->length;
    }
  }
}

/**
 * A walk over a directory and everything below it that needs one descriptor, and no stack, however deep it goes. The
 * way up is "..": directories of cgroups never move to another parent.
 */
class Walk {
 public:
  explicit Walk(const std::string& path) : path_(path) {}

  /** Calls `enter` for each directory before, and `leave` for each one after what is below it; the latter also gets the
   * parent and the name, -1 for the first. Nothing when the first is not there. */
  template <class Enter, class Leave>
  void run(Enter enter, Leave leave) {
    Fd current(retry([&] { return ::open(path_.c_str(), DIRECTORY); }));
    if (current.get() < 0 && errno == ENOENT) return;
    check(current.get(), "open", path_.c_str());
    std::vector<Level> levels;
    levels.push_back(arrive(current.get(), "", enter));
    for (;;) {
      Level& level = levels.back();
      if (!level.below.empty()) {
        std::string name = std::move(level.below.back());
        level.below.pop_back();
        Fd next(retry([&] { return ::openat(current.get(), name.c_str(), DIRECTORY); }));
        if (next.get() < 0 && errno == ENOENT) continue;
        check(next.get(), "openat", path_.c_str());
        current = std::move(next);
        levels.push_back(arrive(current.get(), name, enter));
        continue;
      }
      std::string name = std::move(level.name);
      levels.pop_back();
      if (levels.empty()) return;
      current = Fd(check(retry([&] { return ::openat(current.get(), "..", DIRECTORY); }), "openat", path_.c_str()));
      leave(current.get(), name);
    }
  }

 private:
  struct Level {
    std::string name;
    std::vector<std::string> below;
  };

  template <class Enter>
  Level arrive(int directory, const std::string& name, Enter& enter) {
    enter(directory);
    return {name, directories_in(directory, path_.c_str())};
  }

  const std::string& path_;
};

void do_nothing(int /*parent*/, const std::string& /*name*/) {}

/** Content of a file of a directory; nothing where it is not there or does not apply. */
bool read_in(int directory, const std::string& name, std::string& content) {
  Fd fd(retry([&] { return ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); }));
  if (fd.get() < 0 && is_absent(errno)) return false;
  check(fd.get(), "open", name.c_str());
  try {
    content = read_all(fd.get(), std::numeric_limits<size_t>::max(), name.c_str());
    return true;
  } catch (const SystemError& error) {
    if (!is_absent(error.error)) throw;
    return false;
  }
}

void write_in(int directory, const std::string& name, const std::string& content) {
  Fd fd(retry([&] { return ::openat(directory, name.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW); }));
  // Removed meanwhile.
  if (fd.get() < 0 && is_absent(errno)) return;
  check(fd.get(), "open", name.c_str());
  long written = retry([&] { return ::write(fd.get(), content.data(), content.size()); });
  if (written < 0 && is_absent(errno)) return;
  check(written, "write", name.c_str());
}

Napi::Value read_below(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string name = arguments::c_text(info[1]);
  std::string instead = info[2].IsUndefined() ? "" : arguments::c_text(info[2]);
  Napi::Array contents = Napi::Array::New(info.Env());
  uint32_t count = 0;
  auto enter = [&](int directory) {
    std::string content;
    bool found = read_in(directory, name, content) || (!instead.empty() && read_in(directory, instead, content));
    if (found) contents.Set(count++, content);
  };
  Walk(path).run(enter, do_nothing);
  return contents;
}

Napi::Value write_below(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string name = arguments::c_text(info[1]);
  std::string content = arguments::text(info[2]);
  auto enter = [&](int directory) {
    std::string present;
    if (read_in(directory, name, present) && present != content + '\n') write_in(directory, name, content);
  };
  Walk(path).run(enter, do_nothing);
  return info.Env().Undefined();
}

Napi::Value remove_directories(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  auto leave = [&](int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) fail("rmdir", path.c_str());
  };
  Walk(path).run([](int) {}, leave);
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) fail("rmdir", path.c_str());
  return info.Env().Undefined();
}

}  // namespace

void add_trees(Napi::Object exports) {
  add<read_below>(exports, "readBelow");
  add<write_below>(exports, "writeBelow");
  add<remove_directories>(exports, "removeDirectories");
}

}  // namespace runts::addon
