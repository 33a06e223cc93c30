#include "arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "image.h"

namespace runts::engine {

/** Stands in front of what the caller gets, which is aligned to 16 bytes behind it. */
struct Block {
  /** Bytes with this header: a multiple of 16 up to `small`, then a power of two up to `large`. */
  size_t size;
  /** Of a free block alone: the memory is the caller's otherwise. */
  Block* next;
};

namespace {

constexpr size_t header = sizeof(size_t);
constexpr size_t unit = 16;
constexpr size_t small = 1024;
/** Blocks above are mapped one by one: there are few, and they go back. */
constexpr size_t large = 256 << 10;
constexpr size_t piece = 192 << 10;

size_t rounded(size_t wanted) {
  size_t size = std::max(wanted + header, sizeof(Block));
  return size <= small ? (size + unit - 1) & ~(unit - 1) : std::bit_ceil(size);
}

Block* block_of(const void* pointer) {
  return reinterpret_cast<Block*>(static_cast<char*>(const_cast<void*>(pointer)) - header);
}

char* map(size_t size, int flags) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

/** The block begins half-way into a unit, so that what follows its header is aligned. */
Block* map_block(size_t size) {
  char* memory = map(size + header, 0);
  if (memory == nullptr) return nullptr;
  auto* block = reinterpret_cast<Block*>(memory + header);
  block->size = size;
  return block;
}

}  // namespace

Block*& Arena::free_list(size_t size) {
  static_assert(std::size(decltype(free_small_){}) == small / unit + 1);
  static_assert(std::size(decltype(free_large_){}) >= std::bit_width(large));
  return size <= small ? free_small_[size / unit] : free_large_[std::bit_width(size) - 1];
}

bool Arena::new_piece(size_t least) {
  if (fixed_) return false;
  const size_t size = std::max(piece, least + unit);
  // Populated at once: a page fault each would cost more than the pages.
  char* memory = map(size, MAP_POPULATE);
  if (memory == nullptr) return false;
  next_free_ = memory + unit - header;
  piece_end_ = memory + size;
  return true;
}

/** The next bytes of the current piece; what is left of the one before is forgotten. */
Block* Arena::cut(size_t size) {
  if (static_cast<size_t>(piece_end_ - next_free_) < size && !new_piece(size)) return nullptr;
  auto* block = reinterpret_cast<Block*>(next_free_);
  next_free_ += size;
  block->size = size;
  return block;
}

Block* Arena::take(size_t size) {
  Block*& list = free_list(size);
  if (list == nullptr) return cut(size);
  Block* block = list;
  list = block->next;
  return block;
}

void Arena::begin(char* memory, size_t size) {
  next_free_ = memory + unit - header;
  piece_end_ = memory + size;
  fixed_ = true;
}

const char* Arena::close() {
  const char* end = next_free_;
  *this = {};
  return end;
}

void* Arena::allocate(size_t wanted) {
  if (wanted > PTRDIFF_MAX) return nullptr;
  size_t size = rounded(wanted);
  Block* block = size <= large ? take(size) : map_block(size);
  return block == nullptr ? nullptr : reinterpret_cast<char*>(block) + header;
}

void Arena::release(void* pointer) {
  Block* block = block_of(pointer);
  if (block->size > large) {
    munmap(reinterpret_cast<char*>(block) - header, block->size + header);
    return;
  }
  Block*& list = free_list(block->size);
  block->next = list;
  list = block;
}

size_t Arena::usable(const void* pointer) {
  return block_of(pointer)->size - header;
}

void* Arena::reallocate(void* pointer, size_t wanted) {
  if (pointer == nullptr) return allocate(wanted);
  size_t had = usable(pointer);
  if (wanted <= had && rounded(wanted) * 2 > had) return pointer;
  void* moved = allocate(wanted);
  if (moved == nullptr) return nullptr;
  memcpy(moved, pointer, std::min(had, wanted));
  release(pointer);
  return moved;
}

namespace {

void account(JSMallocState* state, const void* pointer, int sign) {
  state->malloc_count += static_cast<size_t>(sign);
  state->malloc_size += static_cast<size_t>(sign) * (Arena::usable(pointer) + header);
}

void* allocate(JSMallocState* state, size_t wanted) {
  void* pointer = image.arena.allocate(wanted);
  if (pointer != nullptr) account(state, pointer, 1);
  return pointer;
}

void release(JSMallocState* state, void* pointer) {
  if (pointer == nullptr) return;
  account(state, pointer, -1);
  image.arena.release(pointer);
}

void* reallocate(JSMallocState* state, void* pointer, size_t wanted) {
  if (pointer == nullptr) return wanted == 0 ? nullptr : allocate(state, wanted);
  if (wanted == 0) {
    release(state, pointer);
    return nullptr;
  }
  size_t had = Arena::usable(pointer);
  void* moved = image.arena.reallocate(pointer, wanted);
  if (moved != nullptr) state->malloc_size += Arena::usable(moved) - had;
  return moved;
}

size_t usable(const void* pointer) {
  return pointer == nullptr ? 0 : Arena::usable(pointer);
}

}  // namespace

const JSMallocFunctions arena = {allocate, release, reallocate, usable};

}  // namespace runts::engine
