/** malloc(3) from the arena of JavaScript: musl's gives pages back as soon as it can, and they come back by faults. */
#include <errno.h>
#include <string.h>

#include "../engine/image.h"

using runts::engine::Arena;
using runts::engine::image;

namespace {

/** Of the program that fills the image, from its first call to its last: the C library's memory must stay out of it. */
Arena outside = {};

Arena& memory() {
  static Arena& chosen = image.filled ? image.arena : outside;
  return chosen;
}

void* or_error(void* pointer) {
  if (pointer == nullptr) errno = ENOMEM;
  return pointer;
}

}  // namespace

extern "C" {

void* malloc(size_t size) {
  return or_error(memory().allocate(size));
}

void free(void* pointer) {
  if (pointer != nullptr) memory().release(pointer);
}

void* calloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return or_error(nullptr);
  void* pointer = malloc(bytes);
  return pointer == nullptr ? nullptr : memset(pointer, 0, bytes);
}

void* realloc(void* pointer, size_t size) {
  return or_error(memory().reallocate(pointer, size));
}

/** Everything is aligned to 16 bytes; nothing here asks for more. */
void* aligned_alloc(size_t alignment, size_t size) {
  if (alignment <= 16) return malloc(size);
  errno = EINVAL;
  return nullptr;
}

}  // extern "C"
