#include "dispatch.gen.h"
#include "path.h"

// The working directory. It is made before the root becomes read-only and while paths are resolved in the rootfs, and
// entered later by its name, which then may lead through no magic link: with the host's pid namespace /proc/1/root is
// the host's root.

namespace runts {

namespace {

/** chdir(2) without magic links, to a directory below our root. */
Result enter(Str path) {
  Fd directory;
  TRY(open_working_directory(path, directory));
  TRY_SYS(sys::fchdir(directory.get()), "fchdir");
  // It may have been moved out of our root meanwhile; for one outside the kernel answers "(unreachable)/…"
  // (CVE-2024-21626).
  char reached[PATH_SIZE];
  TRY_SYS(sys::getcwd(reached, sizeof(reached)), "getcwd");
  if (reached[0] != '/') return fail(ENOENT, "getcwd", "the working directory is outside the container's root");
  return ok();
}

}  // namespace

Result run(Context& context, const ops::CwdMake& op) {
  Fd directory;
  Result made = make_in_root(context, op.path, {}, directory, nullptr);
  // Only the user's group may enter, or a server knows the user alone: the program itself may be able to.
  return made.error == EACCES && !(str(made.syscall) == str("mkdirat")) ? ok() : made;
}

Result run(Context& context, const ops::CwdSet& op) {
  Result entered = enter(op.path);
  context.cwd_refused = op.later && entered.error == EACCES;
  return context.cwd_refused ? ok() : entered;
}

Result run(Context& context, const ops::CwdRetry& op) {
  return context.cwd_refused ? enter(op.path) : ok();
}

}  // namespace runts
