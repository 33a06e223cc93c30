#include <stddef.h>

// What the compiler calls without being asked. Without the attribute it would recognise these loops and have each
// function call itself.
#define RUNTS_LOOP __attribute__((optimize("no-tree-loop-distribute-patterns")))

extern "C" {

RUNTS_LOOP void* memcpy(void* to, const void* from, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (size_t i = 0; i < size; i++) target[i] = source[i];
  return to;
}

RUNTS_LOOP void* memmove(void* to, const void* from, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (target < source) return memcpy(to, from, size);
  while (size > 0) {
    size--;
    target[size] = source[size];
  }
  return to;
}

RUNTS_LOOP void* memset(void* to, int value, size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  for (size_t i = 0; i < size; i++) target[i] = static_cast<unsigned char>(value);
  return to;
}

RUNTS_LOOP int memcmp(const void* a, const void* b, size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (size_t i = 0; i < size; i++) {
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  }
  return 0;
}

RUNTS_LOOP size_t strlen(const char* text) {
  size_t size = 0;
  while (text[size] != '\0') size++;
  return size;
}

}  // extern "C"
