/** Names in the filesystem: making, removing, renaming, listing and describing them. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "arguments.h"
#include "exports.h"

namespace runts::addon {

namespace {

Napi::Value make_directory(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::mkdir(path.c_str(), arguments::uint32(info[1])), "mkdir", path.c_str());
  return info.Env().Undefined();
}

Napi::Value remove_directory(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::rmdir(path.c_str()), "rmdir", path.c_str());
  return info.Env().Undefined();
}

Napi::Value unlink_path(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::unlink(path.c_str()), "unlink", path.c_str());
  return info.Env().Undefined();
}

Napi::Value rename_path(const Napi::CallbackInfo& info) {
  std::string from = arguments::c_text(info[0]);
  std::string to = arguments::c_text(info[1]);
  check(::rename(from.c_str(), to.c_str()), "rename", from.c_str());
  return info.Env().Undefined();
}

bool is_directory(DIR* directory, const dirent* entry) {
  if (entry->d_type != DT_UNKNOWN) return entry->d_type == DT_DIR;
  struct stat status;
  if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) return S_ISDIR(status.st_mode);
  if (errno != ENOENT) fail("fstatat", entry->d_name);
  return false;
}

Napi::Value read_directory(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  struct Close {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  std::unique_ptr<DIR, Close> directory(opendir(path.c_str()));
  if (!directory) fail("opendir", path.c_str());
  Napi::Array result = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    Napi::Object item = Napi::Object::New(info.Env());
    item.Set("name", name);
    item.Set("directory", Napi::Boolean::New(info.Env(), is_directory(directory.get(), entry)));
    result.Set(count++, item);
  }
  if (errno != 0) fail("readdir", path.c_str());
  return result;
}

Napi::Value read_link(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  // The target of a symlink is shorter than PATH_MAX, always (but magic links of proc fail with ENAMETOOLONG).
  char buffer[PATH_MAX];
  long size = check(::readlink(path.c_str(), buffer, sizeof buffer), "readlink", path.c_str());
  return Napi::String::New(info.Env(), buffer, static_cast<size_t>(size));
}

Napi::Value set_attribute(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string value = arguments::text(info[2]);
  check(::setxattr(path.c_str(), arguments::c_text(info[1]).c_str(), value.data(), value.size(), 0), "setxattr",
        path.c_str());
  return info.Env().Undefined();
}

Napi::Value attribute(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  char value[2 * PATH_MAX];
  long size = ::getxattr(path.c_str(), arguments::c_text(info[1]).c_str(), value, sizeof value);
  if (size < 0 && (errno == ENODATA || errno == EOPNOTSUPP || errno == ENOENT)) return info.Env().Null();
  check(size, "getxattr", path.c_str());
  return Napi::String::New(info.Env(), value, static_cast<size_t>(size));
}

Napi::Value real_path(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  char buffer[PATH_MAX];
  if (::realpath(path.c_str(), buffer) == nullptr) fail("realpath", path.c_str());
  return Napi::String::New(info.Env(), buffer);
}

const char* type_name(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "directory";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    case S_IFCHR:
    case S_IFBLK:
      return "device";
    case S_IFLNK:
      return "link";
    default:
      return "file";
  }
}

Napi::Value stat_path(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  struct stat status;
  if (fstatat(AT_FDCWD, path.c_str(), &status, arguments::boolean(info[1]) ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return info.Env().Null();
    fail("stat", path.c_str());
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("type", type_name(status.st_mode));
  result.Set("mode", static_cast<double>(status.st_mode & 07777));
  result.Set("uid", static_cast<double>(status.st_uid));
  result.Set("gid", static_cast<double>(status.st_gid));
  result.Set("rdev", static_cast<double>(status.st_rdev));
  return result;
}

Napi::Value change_mode(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::chmod(path.c_str(), arguments::uint32(info[1])), "chmod", path.c_str());
  return info.Env().Undefined();
}

Napi::Value change_owner(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::chown(path.c_str(), arguments::uint32(info[1]), arguments::uint32(info[2])), "chown", path.c_str());
  return info.Env().Undefined();
}

Napi::Value make_fifo(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::mkfifo(path.c_str(), arguments::uint32(info[1])), "mkfifo", path.c_str());
  return info.Env().Undefined();
}

Napi::Value unmount(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  check(::umount2(path.c_str(), arguments::int32(info[1])), "umount2", path.c_str());
  return info.Env().Undefined();
}

Napi::Value filesystem_magic(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  struct statfs status;
  check(retry([&] { return ::statfs(path.c_str(), &status); }), "statfs", path.c_str());
  // f_type is signed on some processors; the constants of linux/magic.h are not.
  return Napi::Number::New(info.Env(), static_cast<uint32_t>(status.f_type));
}

}  // namespace

void add_paths(Napi::Object exports) {
  add<make_directory>(exports, "mkdir");
  add<remove_directory>(exports, "rmdir");
  add<unlink_path>(exports, "unlink");
  add<rename_path>(exports, "rename");
  add<read_directory>(exports, "readDirectory");
  add<read_link>(exports, "readLink");
  add<set_attribute>(exports, "setAttribute");
  add<attribute>(exports, "attribute");
  add<real_path>(exports, "realPath");
  add<stat_path>(exports, "stat");
  add<change_owner>(exports, "chown");
  add<change_mode>(exports, "chmod");
  add<make_fifo>(exports, "mkfifo");
  add<unmount>(exports, "unmount");
  add<filesystem_magic>(exports, "filesystemMagic");
}

}  // namespace runts::addon
