#pragma once

#include <quickjs.h>

#include <cstddef>

namespace runts::engine {

/** Stands in front of what the caller gets, which is aligned to 16 bytes behind it. */
struct Block {
  /** Bytes with this header: a multiple of 16 up to Arena::SMALL, then a power of two up to Arena::LARGE. */
  size_t size;
  /** Of a free block alone: the memory is the caller's otherwise. */
  Block* next;
};

/**
 * Memory in blocks of few sizes, cut one after the other from large pieces, kept for reuse and never given back. A
 * command is over soon and has one thread; malloc(3), which cannot know that, took a quarter of its instructions.
 */
class Arena {
 public:
  /** What is asked for is aligned to 16 bytes; nullptr without memory. Inline: every value of JavaScript begins here.
   */
  void* allocate(size_t wanted) {
    if (wanted > SMALL - HEADER) return allocate_large(wanted);
    const size_t size = small_size(wanted);
    Block* block = free_small_[size / UNIT];
    if (block == nullptr) return cut(size);
    free_small_[size / UNIT] = block->next;
    return memory_of(block);
  }

  void release(void* pointer) {
    Block* block = block_of(pointer);
    if (block->size > SMALL) return release_large(block);
    Block*& list = free_small_[block->size / UNIT];
    block->next = list;
    list = block;
  }

  /** Like realloc(3). */
  void* reallocate(void* pointer, size_t wanted);
  static size_t usable(const void* pointer) { return block_of(pointer)->size - HEADER; }

  /** Takes blocks from this memory until it is used up, and fails then. */
  void begin(char* memory, size_t size);
  /**
   * Clears and forgets what is free, where values and addresses of before lie: from now on blocks come from memory of
   * their own. @returns the end of what is used
   */
  const char* close();

 private:
  static constexpr size_t HEADER = sizeof(size_t);
  static constexpr size_t UNIT = 16;
  static constexpr size_t SMALL = 1024;
  /** Blocks above are mapped one by one: there are few, and they go back. */
  static constexpr size_t LARGE = 256 << 10;

  static Block* block_of(const void* pointer) {
    return reinterpret_cast<Block*>(static_cast<char*>(const_cast<void*>(pointer)) - HEADER);
  }
  static void* memory_of(Block* block) { return reinterpret_cast<char*>(block) + HEADER; }
  static size_t small_size(size_t wanted) { return (wanted + HEADER + UNIT - 1) & ~(UNIT - 1); }
  static size_t block_size(size_t wanted);
  void* map_block(size_t size);
  static void clear(Block* free);

  void* allocate_large(size_t wanted);
  void release_large(Block* block);
  bool new_piece(size_t least);
  bool take_reserve(size_t least);
  void cut_from(char* memory, size_t size);
  void* cut(size_t size);

  Block* free_small_[SMALL / UNIT + 1];
  /** By the number of bits of the size. */
  Block* free_large_[20];
  char* next_free_;
  char* piece_end_;
  bool fixed_;
  /** Whether somebody was told that there is no memory. */
  bool denied_;
};

/** QuickJS's memory. */
extern const JSMallocFunctions arena;

}  // namespace runts::engine
