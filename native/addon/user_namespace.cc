/** User namespaces that nobody lives in: mount_setattr(2) takes id mappings in this form only. */
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "arguments.h"
#include "exports.h"
#include "fd.h"
#include "process.h"

namespace runts::addon {

namespace {

/** A child in a new user namespace that waits until the write end of `gate` is closed. Ends with its parent, too. */
class NamespaceHolder {
 public:
  NamespaceHolder() {
    int gate[2];
    check(pipe2(gate, O_CLOEXEC), "pipe2");
    Fd read_end(gate[0]);
    write_end_ = Fd(gate[1]);
    // No CLONE_VM: the child waits while this thread goes on, and both would write to one errno.
    long pid = check(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr), "clone");
    if (pid == 0) wait_and_exit(read_end.get(), write_end_.get());
    pid_ = static_cast<pid_t>(pid);
  }
  NamespaceHolder(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(const NamespaceHolder&) = delete;
  ~NamespaceHolder() {
    kill(pid_, SIGKILL);
    try {
      wait_for(pid_, 0);
    } catch (const SystemError&) {
      // A caller that reaps every child was faster.
    }
  }

  std::string path(const char* name) const { return "/proc/" + std::to_string(pid_) + "/" + name; }

 private:
  [[noreturn]] static void wait_and_exit(int read_end, int write_end) {
    char byte;
    close(write_end);
    while (read(read_end, &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
  }

  pid_t pid_;
  Fd write_end_;
};

/** A map is taken by one write(2) as a whole. */
void write_map(const std::string& path, const std::string& map) {
  Fd file(check(open(path.c_str(), O_WRONLY | O_CLOEXEC), "open", path.c_str()));
  check(write(file.get(), map.data(), map.size()), "write", path.c_str());
}

Napi::Value make_user_namespace(const Napi::CallbackInfo& info) {
  std::string uid_map = arguments::c_text(info[0]);
  std::string gid_map = arguments::c_text(info[1]);
  NamespaceHolder holder;
  write_map(holder.path("uid_map"), uid_map);
  write_map(holder.path("gid_map"), gid_map);
  std::string path = holder.path("ns/user");
  return Napi::Number::New(info.Env(),
                           static_cast<double>(check(open(path.c_str(), O_RDONLY | O_CLOEXEC), "open", path.c_str())));
}

}  // namespace

void add_user_namespace(Napi::Object exports) {
  add<make_user_namespace>(exports, "makeUserNamespace");
}

}  // namespace runts::addon
