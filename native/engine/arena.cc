#include "arena.h"

#ifdef __SANITIZE_ADDRESS__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "image.h"

namespace runts::engine {

namespace {

constexpr size_t piece = 192 << 10;

/** For the words that say that there is no memory. */
alignas(16) char reserve[64 << 10];
bool reserve_taken = false;

char* map(size_t size, int flags) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace

size_t Arena::block_size(size_t wanted) {
  return wanted <= SMALL - HEADER ? small_size(wanted) : std::bit_ceil(wanted + HEADER);
}

bool Arena::new_piece(size_t least) {
  if (fixed_) return false;
  const size_t size = std::max(piece, least + UNIT);
  // Populated at once: a page fault each would cost more than the pages.
  char* memory = map(size, MAP_POPULATE);
  if (memory == nullptr) return take_reserve(least);
  cut_from(memory, size);
  return true;
}

bool Arena::take_reserve(size_t least) {
  if (!denied_ || reserve_taken || least + UNIT > sizeof reserve) {
    denied_ = true;
    return false;
  }
  reserve_taken = true;
  cut_from(reserve, sizeof reserve);
  return true;
}

/** The next bytes of the current piece; what is left of the one before is forgotten. */
void* Arena::cut(size_t size) {
  if (static_cast<size_t>(piece_end_ - next_free_) < size && !new_piece(size)) return nullptr;
  auto* block = reinterpret_cast<Block*>(next_free_);
  next_free_ += size;
  block->size = size;
  return memory_of(block);
}

/** The block begins half-way into a unit, so that what follows its header is aligned. */
void* Arena::map_block(size_t size) {
  char* memory = map(size + HEADER, 0);
  if (memory == nullptr) {
    denied_ = true;
    return nullptr;
  }
  auto* block = reinterpret_cast<Block*>(memory + HEADER);
  block->size = size;
  return memory_of(block);
}

void* Arena::allocate_large(size_t wanted) {
  static_assert(std::size(decltype(free_large_){}) >= static_cast<size_t>(std::bit_width(LARGE)));
  if (wanted > PTRDIFF_MAX / 2) return nullptr;
  const size_t size = block_size(wanted);
  if (size > LARGE) return map_block(size);
  Block*& list = free_large_[std::bit_width(size) - 1];
  if (list == nullptr) return cut(size);
  Block* block = list;
  list = block->next;
  return memory_of(block);
}

void Arena::release_large(Block* block) {
  if (block->size > LARGE) {
    munmap(reinterpret_cast<char*>(block) - HEADER, block->size + HEADER);
    return;
  }
  Block*& list = free_large_[std::bit_width(block->size) - 1];
  block->next = list;
  list = block;
}

void Arena::cut_from(char* memory, size_t size) {
  next_free_ = memory + UNIT - HEADER;
  piece_end_ = memory + size;
}

void Arena::begin(char* memory, size_t size) {
  cut_from(memory, size);
  fixed_ = true;
}

void Arena::clear(Block* free) {
  while (free != nullptr) {
    Block* next = free->next;
    memset(memory_of(free), 0, free->size - HEADER);
    free = next;
  }
}

const char* Arena::close() {
  for (Block* list : free_small_) clear(list);
  for (Block* list : free_large_) clear(list);
  const char* end = next_free_;
  *this = {};
  return end;
}

void* Arena::reallocate(void* pointer, size_t wanted) {
  if (pointer == nullptr) return allocate(wanted);
  const size_t had = usable(pointer);
  if (wanted <= had && block_size(wanted) * 2 > had) return pointer;
  void* moved = allocate(wanted);
  if (moved == nullptr) return nullptr;
  memcpy(moved, pointer, std::min(had, wanted));
  release(pointer);
  return moved;
}

namespace {

#ifdef __SANITIZE_ADDRESS__
/** Where every access is checked it must be known where each block ends, and which are free: none comes from pieces. */
struct Memory {
  static void* allocate(size_t wanted) { return malloc(wanted); }
  static void release(void* pointer) { free(pointer); }
  static void* reallocate(void* pointer, size_t wanted) { return realloc(pointer, wanted); }
  static size_t usable(const void* pointer) { return malloc_usable_size(const_cast<void*>(pointer)); }
};
#else
struct Memory {
  static void* allocate(size_t wanted) { return image.arena.allocate(wanted); }
  static void release(void* pointer) { image.arena.release(pointer); }
  static void* reallocate(void* pointer, size_t wanted) { return image.arena.reallocate(pointer, wanted); }
  static size_t usable(const void* pointer) { return Arena::usable(pointer); }
};
#endif

// QuickJS asks for the collector by the size; nothing asks for the number of blocks.

void* allocate(JSMallocState* state, size_t wanted) {
  void* pointer = Memory::allocate(wanted);
  if (pointer != nullptr) state->malloc_size += Memory::usable(pointer);
  return pointer;
}

void release(JSMallocState* state, void* pointer) {
  if (pointer == nullptr) return;
  state->malloc_size -= Memory::usable(pointer);
  Memory::release(pointer);
}

void* reallocate(JSMallocState* state, void* pointer, size_t wanted) {
  if (pointer == nullptr) return wanted == 0 ? nullptr : allocate(state, wanted);
  if (wanted == 0) {
    release(state, pointer);
    return nullptr;
  }
  const size_t had = Memory::usable(pointer);
  void* moved = Memory::reallocate(pointer, wanted);
  if (moved != nullptr) state->malloc_size += Memory::usable(moved) - had;
  return moved;
}

size_t usable(const void* pointer) {
  return pointer == nullptr ? 0 : Memory::usable(pointer);
}

}  // namespace

const JSMallocFunctions arena = {allocate, release, reallocate, usable};

}  // namespace runts::engine
