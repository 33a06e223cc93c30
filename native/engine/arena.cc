#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "image.h"

namespace runts::engine {

/** Stands in front of what QuickJS gets, which is aligned to 16 bytes behind it. */
struct Block {
  /** Bytes with this header: a multiple of 16 up to `small`, then a power of two up to `large`. */
  size_t size;
  /** Of a free block alone: the memory is QuickJS's otherwise. */
  Block* next;
};

namespace {

constexpr size_t header = sizeof(size_t);
constexpr size_t unit = 16;
constexpr size_t small = 1024;
/** Blocks above are malloc's: there are few, and they may go back. */
constexpr size_t large = 256 << 10;
constexpr size_t piece = 192 << 10;

static_assert(std::size(decltype(Image::free_small){}) == small / unit + 1);
static_assert(std::size(decltype(Image::free_large){}) >= std::bit_width(large));

size_t rounded(size_t wanted) {
  size_t size = std::max(wanted + header, sizeof(Block));
  return size <= small ? (size + unit - 1) & ~(unit - 1) : std::bit_ceil(size);
}

Block*& free_list(size_t size) {
  return size <= small ? image.free_small[size / unit] : image.free_large[std::bit_width(size) - 1];
}

bool new_piece(size_t least) {
  if (!image.filled) {
    if (image.next_free != nullptr) return false;
    image.next_free = image.heap + unit - header;
    image.piece_end = image.heap + Image::HEAP;
    return true;
  }
  const size_t size = std::max(piece, least + unit);
  // Populated at once: a page fault each would cost more than the pages.
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) return false;
  image.next_free = static_cast<char*>(memory) + unit - header;
  image.piece_end = static_cast<char*>(memory) + size;
  return true;
}

/** The next bytes of the current piece; what is left of the one before is forgotten. */
Block* cut(size_t size) {
  if (static_cast<size_t>(image.piece_end - image.next_free) < size && !new_piece(size)) return nullptr;
  auto* block = reinterpret_cast<Block*>(image.next_free);
  image.next_free += size;
  block->size = size;
  return block;
}

Block* take(size_t size) {
  Block*& list = free_list(size);
  if (list == nullptr) return cut(size);
  Block* block = list;
  list = block->next;
  return block;
}

Block* block_of(const void* pointer) {
  return reinterpret_cast<Block*>(static_cast<char*>(const_cast<void*>(pointer)) - header);
}

void* allocate(JSMallocState* state, size_t wanted) {
  size_t size = rounded(wanted);
  Block* block;
  if (size <= large) {
    block = take(size);
  } else {
    // malloc aligns its own block to 16: ours begins half-way.
    char* memory = static_cast<char*>(malloc(size + header));
    block = memory == nullptr ? nullptr : reinterpret_cast<Block*>(memory + header);
    if (block != nullptr) block->size = size;
  }
  if (block == nullptr) return nullptr;
  state->malloc_count++;
  state->malloc_size += size;
  return reinterpret_cast<char*>(block) + header;
}

void release(JSMallocState* state, void* pointer) {
  if (pointer == nullptr) return;
  Block* block = block_of(pointer);
  size_t size = block->size;
  state->malloc_count--;
  state->malloc_size -= size;
  if (size > large) {
    free(reinterpret_cast<char*>(block) - header);
    return;
  }
  Block*& list = free_list(size);
  block->next = list;
  list = block;
}

size_t usable(const void* pointer) {
  return pointer == nullptr ? 0 : block_of(pointer)->size - header;
}

void* reallocate(JSMallocState* state, void* pointer, size_t wanted) {
  if (pointer == nullptr) return wanted == 0 ? nullptr : allocate(state, wanted);
  if (wanted == 0) {
    release(state, pointer);
    return nullptr;
  }
  size_t had = usable(pointer);
  if (wanted <= had && rounded(wanted) * 2 > had) return pointer;
  void* moved = allocate(state, wanted);
  if (moved == nullptr) return nullptr;
  memcpy(moved, pointer, std::min(had, wanted));
  release(state, pointer);
  return moved;
}

}  // namespace

const JSMallocFunctions arena = {allocate, release, reallocate, usable};

}  // namespace runts::engine
