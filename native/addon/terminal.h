#pragma once

#include <termios.h>

#include <string>

namespace runts::addon {

/** Copies the size of the terminal `from` to `to`; nothing happens when `from` is no terminal or has no size. */
void copy_window_size(int from, int to);

/**
 * What somebody at the keyboard of a terminal types to end the input of its program; empty where there is nothing.
 * `in_line`: the last that was typed was no newline.
 */
std::string end_of_input(int terminal, bool in_line);

/** Raw mode of a terminal for as long as this lives; nothing when `fd` is no terminal. */
class RawMode {
 public:
  /** `fd` -1: none. */
  explicit RawMode(int fd);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

  /** Once more, after a shell has taken the terminal back for a while, and has given it to us again. */
  void renew();
  /** The modes of before, for a shell that gets the terminal. */
  void suspend();

 private:
  void set_raw();

  int fd_;
  termios saved_;
};

}  // namespace runts::addon
