/** What files hold: reading and writing whole files, control files of the kernel, atomic replacement. */
#include "files.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"

namespace runts::addon {

namespace {

constexpr size_t UNLIMITED = std::numeric_limits<size_t>::max();

int try_open(const char* path, int flags, mode_t mode = 0) {
  return retry([&] { return ::open(path, flags | O_CLOEXEC | O_NOCTTY, mode); });
}

Fd open_file(const char* path, int flags, mode_t mode = 0) {
  return Fd(check(try_open(path, flags, mode), "open", path));
}

/** Waits on a non-blocking descriptor: the caller of runts may have made any of its pipes one. */
void wait_for(int fd, short events, const char* path) {
  pollfd polled = {fd, events, 0};
  check(retry([&] { return ::poll(&polled, 1, -1); }), "poll", path);
}

}  // namespace

std::string read_all(int fd, size_t limit, const char* path) {
  char buffer[16 * 1024];
  std::string result;
  for (;;) {
    ssize_t got = retry([&] { return ::read(fd, buffer, sizeof buffer); });
    if (got < 0 && errno == EAGAIN) {
      wait_for(fd, POLLIN, path);
      continue;
    }
    check(got, "read", path);
    if (got == 0) return result;
    if (static_cast<size_t>(got) > limit - result.size()) throw SystemError{EFBIG, "read", path ? path : "", ""};
    result.append(buffer, static_cast<size_t>(got));
  }
}

bool is_absent(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENODEV || error == EOPNOTSUPP;
}

namespace {

void write_all(int fd, const std::string& content, const char* path = nullptr) {
  for (size_t done = 0; done < content.size();) {
    const char* rest = content.data() + done;
    ssize_t written = retry([&] { return ::write(fd, rest, content.size() - done); });
    if (written < 0 && errno == EAGAIN) {
      wait_for(fd, POLLOUT, path);
      continue;
    }
    done += static_cast<size_t>(check(written, "write", path));
  }
}

size_t limit_of(const Napi::Value& value) {
  return arguments::uint32(value);
}

Napi::Uint8Array to_bytes(Napi::Env env, const std::string& content) {
  auto result = Napi::Uint8Array::New(env, content.size());
  content.copy(reinterpret_cast<char*>(result.Data()), content.size());
  return result;
}

Napi::Value read_file(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  Fd fd = open_file(path.c_str(), O_RDONLY);
  return Napi::String::New(info.Env(), read_all(fd.get(), UNLIMITED, path.c_str()));
}

/** Files that most often are not there are asked for in every command, and an exception costs more than the question.
 */
Napi::Value read_file_if_there(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  Fd fd(try_open(path.c_str(), O_RDONLY));
  if (fd.get() < 0 && is_absent(errno)) return info.Env().Null();
  check(fd.get(), "open", path.c_str());
  try {
    return Napi::String::New(info.Env(), read_all(fd.get(), UNLIMITED, path.c_str()));
  } catch (const SystemError& error) {
    if (!is_absent(error.error)) throw;
    return info.Env().Null();
  }
}

Napi::Value read_bytes(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  Fd fd = open_file(path.c_str(), O_RDONLY);
  return to_bytes(info.Env(), read_all(fd.get(), limit_of(info[1]), path.c_str()));
}

Napi::Value read_fd_bytes(const Napi::CallbackInfo& info) {
  return to_bytes(info.Env(), read_all(arguments::int32(info[0]), limit_of(info[1])));
}

Napi::Value read_fd(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), read_all(arguments::int32(info[0]), limit_of(info[1])));
}

Napi::Value write_file(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string content = arguments::bytes(info[1]);
  bool append = !info[3].IsUndefined() && arguments::boolean(info[3]);
  Fd fd = open_file(path.c_str(), O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), arguments::uint32(info[2]));
  write_all(fd.get(), content, path.c_str());
  return info.Env().Undefined();
}

/** Emptied only once it is known to be a file that nobody else can have put there. */
Napi::Value open_own_file(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  // Non-blocking: it may be a fifo.
  Fd fd = open_file(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, arguments::uint32(info[1]));
  struct stat status;
  check(fstat(fd.get(), &status), "fstat", path.c_str());
  if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_nlink != 1) {
    throw SystemError{EEXIST, "open", path, "not a regular file of this user with one name"};
  }
  check(retry([&] { return ::ftruncate(fd.get(), 0); }), "ftruncate", path.c_str());
  return Napi::Number::New(info.Env(), static_cast<double>(fd.release()));
}

Napi::Value write_control(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string content = arguments::text(info[1]);
  Fd fd = open_file(path.c_str(), O_WRONLY);
  long written = check(retry([&] { return ::write(fd.get(), content.data(), content.size()); }), "write", path.c_str());
  // A second write would be a second command to the kernel.
  if (static_cast<size_t>(written) != content.size()) throw SystemError{EIO, "write", path, "short write"};
  return info.Env().Undefined();
}

Napi::Value write_fd(const Napi::CallbackInfo& info) {
  write_all(arguments::int32(info[0]), arguments::text(info[1]));
  return info.Env().Undefined();
}

/** "/a/b" → "/a/.b". */
std::string temporary_name(const std::string& path) {
  size_t name = path.rfind('/') + 1;
  return path.substr(0, name) + "." + path.substr(name);
}

Fd create_new(const std::string& path, mode_t mode) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  int fd = retry([&] { return ::open(path.c_str(), flags, mode); });
  if (fd < 0 && errno == EEXIST) {
    // Left behind by a runtime that was killed; the caller's lock keeps others away.
    check(::unlink(path.c_str()), "unlink", path.c_str());
    fd = retry([&] { return ::open(path.c_str(), flags, mode); });
  }
  return Fd(check(fd, "open", path.c_str()));
}

/** The name that a rename has put into a directory is on the disk only with the directory. */
void sync_directory_of(const std::string& path) {
  size_t end = path.rfind('/');
  std::string directory = end == std::string::npos ? "." : path.substr(0, std::max<size_t>(end, 1));
  Fd fd = open_file(directory.c_str(), O_RDONLY | O_DIRECTORY);
  check(retry([&] { return ::fsync(fd.get()); }), "fsync", directory.c_str());
}

Napi::Value replace_file(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string content = arguments::bytes(info[1]);
  std::string temporary = temporary_name(path);
  Fd fd = create_new(temporary, arguments::uint32(info[2]));
  bool durable = !info[3].IsUndefined() && arguments::boolean(info[3]);
  try {
    write_all(fd.get(), content, temporary.c_str());
    if (durable) check(retry([&] { return ::fsync(fd.get()); }), "fsync", temporary.c_str());
    // Network filesystems report a full disk only here.
    check(::close(fd.release()), "close", temporary.c_str());
    check(::rename(temporary.c_str(), path.c_str()), "rename", path.c_str());
  } catch (const SystemError&) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (durable) sync_directory_of(path);
  return info.Env().Undefined();
}

}  // namespace

void add_files(Napi::Object exports) {
  add<read_file>(exports, "readFile");
  add<read_file_if_there>(exports, "readFileIfThere");
  add<read_bytes>(exports, "readBytes");
  add<read_fd>(exports, "readFd");
  add<read_fd_bytes>(exports, "readFdBytes");
  add<write_file>(exports, "writeFile");
  add<open_own_file>(exports, "openOwnFile");
  add<write_control>(exports, "writeControl");
  add<write_fd>(exports, "writeFd");
  add<replace_file>(exports, "replaceFile");
}

}  // namespace runts::addon
