/**
 * Of the executable that is built to be profiled: it ends by _exit(2), which would leave its counts unwritten; and its
 * memory is at the same addresses in every process, because QuickJS finds shapes by hashes of addresses, and how many
 * it looks at on the way is counted.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "image.h"

extern "C" {

void __gcov_dump();
[[noreturn]] void __real__exit(int status);

[[noreturn]] void __wrap__exit(int status) {
  __gcov_dump();
  __real__exit(status);
}

void* __real_mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset);

/** Elsewhere than anything else of a process; but the image is made at other addresses in every one (scripts/image.js).
 */
void* __wrap_mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  constexpr uintptr_t apart = 1 << 20;
  static uintptr_t next = uintptr_t{1} << 45;
  if (address == nullptr && runts::engine::image.filled) {
    address = reinterpret_cast<void*>(next);
    next += (size + apart) & ~(apart - 1);
  }
  return __real_mmap(address, size, protection, flags, descriptor, offset);
}

}  // extern "C"
