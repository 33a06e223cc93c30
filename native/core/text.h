#pragma once

#include "types.h"

namespace runts {

/**
 * Text of bounded length, always NUL-terminated. What does not fit is cut off and remembered in `truncated`:
 * for messages that is fine, whoever makes a path of it must check.
 */
template <u64 N>
class Text {
 public:
  Text() { clear(); }

  void clear() {
    size_ = 0;
    truncated_ = false;
    buffer_[0] = '\0';
  }

  Text& add(char c) {
    if (size_ + 1 >= N) {
      truncated_ = true;
      return *this;
    }
    buffer_[size_++] = c;
    buffer_[size_] = '\0';
    return *this;
  }

  Text& add(Str text) {
    for (u64 i = 0; i < text.size; i++) add(text.data[i]);
    return *this;
  }

  Text& add(const char* text) { return add(str(text)); }

  /** Appends a number in `base` (8, 10 or 16). */
  Text& number(u64 value, u32 base = 10) {
    char digits[24];
    u32 count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (count > 0) add(digits[--count]);
    return *this;
  }

  /** Shortens the text to `size` bytes. */
  void cut(u64 size) {
    if (size >= size_) return;
    size_ = size;
    buffer_[size_] = '\0';
  }

  const char* c_str() const { return buffer_; }
  u64 size() const { return size_; }
  bool truncated() const { return truncated_; }
  Str view() const { return {buffer_, size_}; }

 private:
  char buffer_[N];
  u64 size_;
  bool truncated_;
};

}  // namespace runts
