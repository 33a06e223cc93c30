#pragma once

#include "../core/fd.h"
#include "../core/messages.gen.h"
#include "../core/ops.gen.h"
#include "../core/result.h"
#include "../core/syscall.h"
#include "../core/text.h"
#include "../core/types.h"

namespace runts {

/** Bytes of the longest path, with its NUL. */
constexpr u64 PATH_SIZE = 4096;

/** All state of init. One instance, handed to every operation. */
struct Context {
  /** Descriptors by slot number, -1 = empty. Slot 0 (none) always is empty. */
  int slots[SLOT_COUNT];
  /** SOCK_SEQPACKET socket to the runtime. */
  int socket;
  /** Write end of the exec fifo once somebody reads it; failures go there instead of the socket. -1 before. */
  int fifo;
  /** Read end of a pipe that closes when the intermediate has reported `cloned` and is gone; -1 once it has. */
  int gate;
  /** stages::intermediate or stages::init. */
  u32 stage;
  /** Number of the step that runs. */
  u32 step;
  /** What exec.find found, or what it found to be no program. */
  Text<PATH_SIZE> executable;
  /** Whether the step that runs is exec.find or exec: its failure is about the program. */
  bool seeks_program;
  /** RLIMIT_NOFILE before descriptors.allow. */
  struct {
    u64 soft;
    u64 hard;
  } descriptors;
  /** Whether a symlink led to a place in the rootfs where something was put: a mount there may cover others whose paths
   * do not say so. */
  bool through_symlink;
  /** Whether cwd.set has left the working directory to cwd.retry. */
  bool cwd_refused;
  /** Whether the end of every step is reported. */
  bool traced;
  /** "HOME=…" when home.find ran, else empty. */
  Text<PATH_SIZE + 8> home;

  /** Puts a descriptor into a slot and closes what was there. */
  void set_slot(u32 slot, int fd) {
    if (slot == slots::none) return;
    if (slots[slot] >= 0) sys::close(slots[slot]);
    slots[slot] = fd;
  }

  void close_slots(const Words& keep = {}) {
    u32 number = 0;
    for (int& slot : slots) {
      bool kept = false;
      for (u64 i = 0; i < keep.size; i++) kept = kept || keep[i] == number;
      number++;
      if (kept || slot < 0) continue;
      sys::close(slot);
      slot = -1;
    }
  }

  /** "HOME=…" for an environment, null when that has one already. */
  const char* home_variable() const { return home.size() > 0 ? home.c_str() : nullptr; }
};

/** Sends an event to the runtime (failures: to the fifo once that is open). `fd` -1 = none. */
Result send_event(Context&, u32 kind, i32 error, u64 value, Str text, int fd = -1);
/** Reports something that is no error: text as for a failure. */
void warn(Context&, const Result&);

}  // namespace runts
