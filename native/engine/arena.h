#pragma once

#include <quickjs.h>

#include <cstddef>

namespace runts::engine {

/** Memory that is not used now, and what stands in front of a block that is. */
struct Block;

/**
 * Memory in blocks of few sizes, cut one after the other from large pieces, kept for reuse and never given back. A
 * command is over soon and has one thread; malloc(3), which cannot know that, took a quarter of its instructions.
 */
class Arena {
 public:
  /** What is asked for is aligned to 16 bytes; nullptr without memory. */
  void* allocate(size_t wanted);
  void release(void* pointer);
  /** Like realloc(3). */
  void* reallocate(void* pointer, size_t wanted);
  static size_t usable(const void* pointer);

  /** Takes blocks from this memory until it is used up, and fails then. */
  void begin(char* memory, size_t size);
  /** Forgets what is free: from now on blocks come from memory of their own. @returns the end of what is used */
  const char* close();

 private:
  Block*& free_list(size_t size);
  bool new_piece(size_t least);
  Block* cut(size_t size);
  Block* take(size_t size);

  Block* free_small_[65];
  Block* free_large_[20];
  char* next_free_;
  char* piece_end_;
  bool fixed_;
};

/** QuickJS's memory. */
extern const JSMallocFunctions arena;

}  // namespace runts::engine
