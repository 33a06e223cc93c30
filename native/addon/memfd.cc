#include "memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"

extern "C" const char runts_init_start[];
extern "C" const char runts_init_end[];

namespace runts::addon {

namespace {

// Since Linux 6.3; older C library headers lack them.
constexpr unsigned NOT_EXECUTABLE = 0x8;  // MFD_NOEXEC_SEAL
constexpr unsigned EXECUTABLE = 0x10;     // MFD_EXEC
// Since Linux 5.1.
constexpr int FUTURE_WRITE = 0x10;  // F_SEAL_FUTURE_WRITE

Fd create(const char* name, unsigned execution) {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  long fd = syscall(SYS_memfd_create, name, flags | execution);
  if (fd < 0 && errno == EINVAL) fd = syscall(SYS_memfd_create, name, flags);
  return Fd(check(fd, "memfd_create"));
}

/** Written with pwrite, so that a reader of the descriptor begins at the first byte. */
Fd sealed(const char* name, const void* bytes, size_t size, unsigned execution) {
  Fd fd = create(name, execution);
  for (size_t done = 0; done < size;) {
    const char* rest = static_cast<const char*>(bytes) + done;
    done += static_cast<size_t>(
        check(retry([&] { return ::pwrite(fd.get(), rest, size - done, static_cast<off_t>(done)); }), "pwrite"));
  }
  // CVE-2019-5736: the container reaches this file as /proc/PID/exe and must not be able to change it. F_SEAL_WRITE
  // would forbid the same, and wait until the pages that were just written have left the queues of every cpu.
  check(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | FUTURE_WRITE), "fcntl");
  return fd;
}

}  // namespace

Fd init_image() {
  return sealed("runts-init", runts_init_start, static_cast<size_t>(runts_init_end - runts_init_start), EXECUTABLE);
}

Fd sealed_bytes(const char* name, const void* bytes, size_t size) {
  return sealed(name, bytes, size, NOT_EXECUTABLE);
}

}  // namespace runts::addon
