#pragma once

#include <stddef.h>
#include <stdint.h>

namespace runts {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i32 = int32_t;
using i64 = int64_t;

/** Text inside the plan's mapping or of a literal: `size` bytes without the NUL that always follows them. */
struct Str {
  const char* data = "";
  u64 size = 0;

  bool empty() const { return size == 0; }
  const char* c_str() const { return data; }
};

/** Makes a Str of NUL-terminated text. */
inline Str str(const char* text) {
  u64 size = 0;
  while (text[size] != '\0') size++;
  return {text, size};
}

inline bool operator==(Str a, Str b) {
  if (a.size != b.size) return false;
  for (u64 i = 0; i < a.size; i++) {
    if (a.data[i] != b.data[i]) return false;
  }
  return true;
}

inline bool starts_with(Str text, Str prefix) {
  return text.size >= prefix.size && Str{text.data, prefix.size} == prefix;
}

/** Position of the first `c` in `text` from `from` on, or text.size. */
inline u64 find(Str text, char c, u64 from = 0) {
  while (from < text.size && text.data[from] != c) from++;
  return from < text.size ? from : text.size;
}

/** Bytes inside the plan's mapping, 8-aligned. */
struct Bytes {
  const u8* data = nullptr;
  u64 size = 0;
};

/** Numbers inside the plan's mapping; lists of u32 take a word per element too and are range-checked when decoded. */
struct Words {
  const u64* data = nullptr;
  u64 size = 0;

  u64 operator[](u64 index) const { return data[index]; }
  const u64* begin() const { return data; }
  const u64* end() const { return data + size; }
};

/** Strings inside the plan's mapping, one after the other; only iteration is cheap. */
struct StrList {
  /** The count word's successor: the first string's length word. */
  const u64* first = nullptr;
  u64 size = 0;

  struct Iterator {
    const u64* at;
    u64 left;

    Str operator*() const { return {reinterpret_cast<const char*>(at + 1), *at}; }
    Iterator& operator++() {
      at += 1 + (*at + 8) / 8;
      left--;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return left != other.left; }
  };
  Iterator begin() const { return {first, size}; }
  Iterator end() const { return {nullptr, 0}; }
};

}  // namespace runts
