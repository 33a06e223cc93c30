#pragma once

namespace std {

/** Classes of characters, which libstdc++ takes from the tables of glibc; no stream or locale is used here. */
struct ctype_base {
  using __to_type = const int*;
  using mask = unsigned short;
  static constexpr mask upper = 1 << 8;
  static constexpr mask lower = 1 << 9;
  static constexpr mask alpha = 1 << 10;
  static constexpr mask digit = 1 << 11;
  static constexpr mask xdigit = 1 << 12;
  static constexpr mask space = 1 << 13;
  static constexpr mask print = 1 << 14;
  static constexpr mask blank = 1 << 0;
  static constexpr mask cntrl = 1 << 1;
  static constexpr mask punct = 1 << 2;
  static constexpr mask alnum = alpha | digit;
  static constexpr mask graph = alnum | punct;
};

}  // namespace std
