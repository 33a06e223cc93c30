#pragma once

#include <linux/mman.h>

#include "../core/syscall.h"
#include "../core/types.h"

namespace runts {

/** Whole zeroed pages from the kernel, or null. Nobody gives them back: execve does. */
template <typename T>
T* allocate(u64 count) {
  long address = sys::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address < 0 && address > -4096 ? nullptr : reinterpret_cast<T*>(address);
}

/** The array of pointers, ended by null, that execve takes; null when there is no memory. `last` comes after the list.
 */
inline const char** pointer_array(const StrList& strings, const char* last = nullptr) {
  auto** pointers = allocate<const char*>(strings.size + 2);
  if (pointers == nullptr) return nullptr;
  u64 index = 0;
  for (Str text : strings) pointers[index++] = text.c_str();
  pointers[index] = last;
  return pointers;
}

}  // namespace runts
