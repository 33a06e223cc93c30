/** Device filters of cgroup v2: eBPF programs attached to a cgroup directory (bpf(2)). */
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../core/fd.h"
#include "arguments.h"
#include "exports.h"

namespace runts::addon {

namespace {

/** Most programs that a cgroup can hold (BPF_CGROUP_MAX_PROGS). */
constexpr uint32_t MOST_PROGRAMS = 64;
constexpr size_t INSTRUCTION_SIZE = 8;

long bpf(int command, bpf_attr* attributes) {
  return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

uint64_t pointer(const void* address) {
  return reinterpret_cast<uintptr_t>(address);
}

/** No limit on memory that is locked, as long as it lives; where that is forbidden the limit stays. */
class UnlimitedMemlock {
 public:
  UnlimitedMemlock() {
    const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    raised_ = prlimit(0, RLIMIT_MEMLOCK, &unlimited, &before_) == 0;
  }
  ~UnlimitedMemlock() {
    if (raised_) prlimit(0, RLIMIT_MEMLOCK, &before_, nullptr);
  }
  UnlimitedMemlock(const UnlimitedMemlock&) = delete;
  UnlimitedMemlock& operator=(const UnlimitedMemlock&) = delete;

 private:
  rlimit before_ = {};
  bool raised_ = false;
};

/** Loads the program; the verifier is asked for its reasons only once it has refused, as its log costs time. */
Fd load(const std::string& program) {
  bpf_attr attributes = {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = pointer(program.data());
  attributes.insn_cnt = static_cast<uint32_t>(program.size() / INSTRUCTION_SIZE);
  attributes.license = pointer("Apache-2.0");
  // The kernel says EAGAIN when a signal interrupts the verifier.
  for (int attempt = 0; attempt < 5; attempt++) {
    long fd = bpf(BPF_PROG_LOAD, &attributes);
    if (fd >= 0) return Fd(fd);
    if (errno != EAGAIN && errno != EINTR) break;
  }
  int error = errno;
  if (error == EPERM) {
    // Before Linux 5.11 programs count as locked memory, of which the caller may have left none.
    const UnlimitedMemlock unlimited;
    long fd = bpf(BPF_PROG_LOAD, &attributes);
    if (fd >= 0) return Fd(fd);
  }
  std::string log(64 * 1024, '\0');
  attributes.log_level = 1;
  attributes.log_buf = pointer(log.data());
  attributes.log_size = static_cast<uint32_t>(log.size());
  long fd = bpf(BPF_PROG_LOAD, &attributes);
  if (fd >= 0) return Fd(fd);
  throw SystemError{error, "bpf(BPF_PROG_LOAD)", "", log.c_str()};
}

/** Programs attached to this very cgroup, not those in force from above. */
std::vector<uint32_t> attached(int cgroup, const char* path) {
  std::vector<uint32_t> ids(MOST_PROGRAMS);
  bpf_attr attributes = {};
  attributes.query.target_fd = static_cast<uint32_t>(cgroup);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = pointer(ids.data());
  attributes.query.prog_cnt = MOST_PROGRAMS;
  check(bpf(BPF_PROG_QUERY, &attributes), "bpf(BPF_PROG_QUERY)", path);
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

void attach(int cgroup, int program, const char* path) {
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  check(bpf(BPF_PROG_ATTACH, &attributes), "bpf(BPF_PROG_ATTACH)", path);
}

void detach(int cgroup, uint32_t id, const char* path) {
  bpf_attr find = {};
  find.prog_id = id;
  Fd program(bpf(BPF_PROG_GET_FD_BY_ID, &find));
  if (program.get() < 0) {
    if (errno == ENOENT) return;
    fail("bpf(BPF_PROG_GET_FD_BY_ID)", path);
  }
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  if (bpf(BPF_PROG_DETACH, &attributes) != 0 && errno != ENOENT) fail("bpf(BPF_PROG_DETACH)", path);
}

Napi::Value attach_device_filter(const Napi::CallbackInfo& info) {
  std::string path = arguments::c_text(info[0]);
  std::string program = arguments::bytes(info[1]);
  if (program.empty() || program.size() % INSTRUCTION_SIZE != 0) throw SystemError{EINVAL, "bpf", "", "program size"};
  Fd cgroup(check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", path.c_str()));
  Fd loaded = load(program);
  std::vector<uint32_t> old = attached(cgroup.get(), path.c_str());
  // New before old: all attached programs must agree to an access, so in between none is allowed that should not be.
  attach(cgroup.get(), loaded.get(), path.c_str());
  for (uint32_t id : old) detach(cgroup.get(), id, path.c_str());
  return info.Env().Undefined();
}

}  // namespace

void add_bpf(Napi::Object exports) {
  add<attach_device_filter>(exports, "attachDeviceFilter");
}

}  // namespace runts::addon
