#include <linux/mman.h>

#include "context.h"
#include "stages.h"

// The program: `init SOCKET PLAN`, two descriptor numbers, started by the addon.

namespace {

using namespace runts;

/** A descriptor number, or -1 for anything else. */
int parse_descriptor(const char* text) {
  int value = 0;
  if (*text == '\0') return -1;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9' || value > 1000000) return -1;
    value = value * 10 + (*text - '0');
  }
  return value;
}

/** Maps the plan and closes its descriptor; the mapping lasts until execve. */
bool map_plan(int fd, Reader& plan) {
  struct statx info;
  if (sys::statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &info) < 0) return false;
  long address = sys::mmap(nullptr, info.stx_size, PROT_READ, MAP_PRIVATE, fd, 0);
  sys::close(fd);
  if (address < 0 && address > -4096) return false;
  plan = Reader(reinterpret_cast<const void*>(address), info.stx_size);
  return read_header(plan, info.stx_size);
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void runts_main(long* stack) {
  const auto* argv = reinterpret_cast<const char* const*>(stack + 1);
  if (stack[0] != 3) sys::exit(2);

  // On the stack: objects outside would need a constructor to run before main, and nobody runs those.
  Context context;
  for (int& slot : context.slots) slot = -1;
  context.socket = parse_descriptor(argv[1]);
  context.fifo = -1;
  context.gate = -1;
  context.stage = stages::intermediate;
  context.step = NO_STEP;
  context.seeks_program = false;
  context.through_symlink = false;
  context.cwd_refused = false;
  context.traced = false;
  // The number had to survive the execve that made us; hooks and the container's program must not see it.
  const long marked = sys::fcntl(context.socket, F_SETFD, FD_CLOEXEC);
  if (marked < 0) fail_and_exit(context, fail(static_cast<int>(-marked), "fcntl", "socket of the runtime"));

  Reader plan;
  if (!map_plan(parse_descriptor(argv[2]), plan)) fail_and_exit(context, fail(EBADMSG, "plan"));
  run_stages(context, plan);
}

RUNTS_ENTRY(runts_main);
