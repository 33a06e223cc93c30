/** Copies and comparisons of few bytes, which is what JavaScript does all the time; musl's begin slowly. */
#include <stddef.h>
#include <stdint.h>

namespace {

template <class Word>
Word load(const char* from) {
  Word word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

template <class Word>
void store(char* to, Word word) {
  __builtin_memcpy(to, &word, sizeof word);
}

using Vector [[gnu::vector_size(16)]] = char;

/** From `size` to twice as many bytes, which may overlap: all is read before anything is written. */
template <class Word>
void copy_ends(char* to, const char* from, size_t size) {
  Word first = load<Word>(from);
  Word last = load<Word>(from + size - sizeof(Word));
  store(to, first);
  store(to + size - sizeof(Word), last);
}

/** Up to 32 bytes, which may overlap. */
void copy_few(char* to, const char* from, size_t size) {
  if (size >= 16) return copy_ends<Vector>(to, from, size);
  if (size >= 8) return copy_ends<uint64_t>(to, from, size);
  if (size >= 4) return copy_ends<uint32_t>(to, from, size);
  if (size >= 2) return copy_ends<uint16_t>(to, from, size);
  if (size == 1) *to = *from;
}

constexpr size_t few = 32;

/** More than `few` bytes; the last ones are read before they can be overwritten. */
void copy_forward(char* to, const char* from, size_t size) {
  auto last = load<Vector>(from + size - sizeof(Vector));
  char* end = to + size - sizeof(Vector);
  for (; to < end; to += sizeof(Vector), from += sizeof(Vector)) store(to, load<Vector>(from));
  store(end, last);
}

/** From here on the processor may have an instruction of its own that is faster. */
constexpr size_t many = 512;

void copy_many(char* to, const char* from, size_t size) {
#ifdef __x86_64__
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
#else
  copy_forward(to, from, size);
#endif
}

void copy_backward(char* to, const char* from, size_t size) {
  auto first = load<Vector>(from);
  while (size > sizeof(Vector)) {
    size -= sizeof(Vector);
    store(to + size, load<Vector>(from + size));
  }
  store(to, first);
}

}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
  auto* target = static_cast<char*>(to);
  auto* source = static_cast<const char*>(from);
  if (size <= few)
    copy_few(target, source, size);
  else if (size < many)
    copy_forward(target, source, size);
  else
    copy_many(target, source, size);
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  auto* target = static_cast<char*>(to);
  auto* source = static_cast<const char*>(from);
  if (size <= few)
    copy_few(target, source, size);
  else if (target - source >= 0 && static_cast<size_t>(target - source) < size)
    copy_backward(target, source, size);
  else
    copy_forward(target, source, size);
  return to;
}

int memcmp(const void* one, const void* other, size_t size) {
  auto* left = static_cast<const char*>(one);
  auto* right = static_cast<const char*>(other);
  for (; size >= 8 && load<uint64_t>(left) == load<uint64_t>(right); size -= 8, left += 8, right += 8) {
  }
  for (; size > 0; size--, left++, right++)
    if (*left != *right) return static_cast<unsigned char>(*left) - static_cast<unsigned char>(*right);
  return 0;
}

}  // extern "C"
