/** User namespaces that nobody lives in: mount_setattr(2) takes id mappings in this form only. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "../core/fd.h"
#include "../core/newer.h"
#include "arguments.h"
#include "exports.h"
#include "process.h"
#include "rights.h"

namespace runts::addon {

namespace {

/** How long the child may take to make its namespace, in milliseconds: whoever may send it signals may stop it. */
constexpr int CREATION_TIMEOUT = 10'000;

/**
 * A child in a new user namespace that waits until our end of a socket is closed. Ends with its parent, too. It is a
 * copy of the runtime, so it hides before it enters the namespace: there, every process with the runtime's user id that
 * shares the pid namespace would have power over it, and through it over its root and its descriptors.
 */
class NamespaceHolder {
 public:
  NamespaceHolder() {
    int pair[2];
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "socketpair");
    socket_ = Fd(pair[0]);
    Fd theirs(pair[1]);
    // Memory for the child: a copy of one thread of several may not ask for any.
    std::vector<int> rights(1);
    // No CLONE_VM: the child waits while this thread goes on, and both would write to one errno.
    long pid = check(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr), "clone");
    if (pid == 0) hold_and_exit(theirs.get(), socket_.get(), &rights);
    pid_ = static_cast<pid_t>(pid);
  }
  NamespaceHolder(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(const NamespaceHolder&) = delete;
  ~NamespaceHolder() {
    kill(pid_, SIGKILL);
    try {
      await_end(pid_);
    } catch (const SystemError&) {
      // A caller that reaps every child was faster; or it hangs, and nothing is to be done.
    }
  }

  /** The namespace, opened by the child: of a hidden one it would take CAP_SYS_PTRACE. */
  Fd receive() {
    pollfd polled = {socket_.get(), POLLIN, 0};
    if (check(retry([&] { return ::poll(&polled, 1, CREATION_TIMEOUT); }), "poll") == 0) {
      throw SystemError{ETIMEDOUT, "unshare", "", "process " + std::to_string(pid_)};
    }
    Message message = receive_with_rights(socket_.get(), sizeof(int));
    if (message.fds.size() == 1) return std::move(message.fds[0]);
    int error = ECHILD;
    if (message.bytes.size() == sizeof error) memcpy(&error, message.bytes.data(), sizeof error);
    throw SystemError{error, "unshare", "", ""};
  }

  std::string path(const char* name) const { return "/proc/" + std::to_string(pid_) + "/" + name; }

 private:
  [[noreturn]] static void hold_and_exit(int socket, int parents_end, std::vector<int>* rights) {
    close(parents_end);
    prctl(PR_SET_DUMPABLE, 0);
    int opened = unshare(CLONE_NEWUSER) < 0 ? -1 : open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
    int error = opened < 0 ? errno : 0;
    (*rights)[0] = opened;
    if (error != 0) rights->clear();
    send_with_rights(socket, &error, sizeof error, *rights);
    char byte;
    while (read(socket, &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
  }

  pid_t pid_;
  Fd socket_;
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
  Fd name_space = holder.receive();
  write_map(holder.path("uid_map"), uid_map);
  write_map(holder.path("gid_map"), gid_map);
  return Napi::Number::New(info.Env(), name_space.release());
}

/** The kernel shows nobody a user namespace that is not below his own. */
Napi::Value owns_mount_namespace(const Napi::CallbackInfo& info) {
  Fd mounts(check(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open", "/proc/self/ns/mnt"));
  Fd owner(ioctl(mounts.get(), NS_GET_USERNS));
  if (owner.get() < 0 && errno != EPERM) fail("ioctl(NS_GET_USERNS)", "/proc/self/ns/mnt");
  return Napi::Boolean::New(info.Env(), owner.get() >= 0);
}

/** Maps the ids of a detached mount, which may be another process's, by a user namespace. */
Napi::Value map_tree(const Napi::CallbackInfo& info) {
  struct mount_attr attributes = {};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<uint64_t>(arguments::int32(info[1]));
  unsigned flags = AT_EMPTY_PATH | (arguments::boolean(info[2]) ? AT_RECURSIVE : 0);
  check(syscall(__NR_mount_setattr, arguments::int32(info[0]), "", flags, &attributes, sizeof attributes),
        "mount_setattr");
  return info.Env().Undefined();
}

}  // namespace

void add_user_namespace(Napi::Object exports) {
  add<make_user_namespace>(exports, "makeUserNamespace");
  add<owns_mount_namespace>(exports, "ownsMountNamespace");
  add<map_tree>(exports, "mapTree");
}

}  // namespace runts::addon
