// native/engine/arena.cc: blocks do not overlap, are aligned, keep what is in them, and come back.

#include "../engine/arena.h"

#include <sanitizer/asan_interface.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../engine/image.h"

namespace runts::engine {
// The executable's is in a section of its own (image.cc).
Image image = {};
}  // namespace runts::engine

using runts::engine::Arena;

namespace {

struct Piece {
  unsigned char* memory;
  size_t size;
  unsigned char mark;
};

void expect(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "arena: %s\n", what);
  exit(1);
}

void check(const Piece& piece) {
  expect(reinterpret_cast<uintptr_t>(piece.memory) % 16 == 0, "a block is not aligned");
  expect(Arena::usable(piece.memory) >= piece.size, "a block is too small");
  for (size_t i = 0; i < piece.size; i++) expect(piece.memory[i] == piece.mark, "a block was overwritten");
}

/** The same numbers in every run. */
uint32_t next_random() {
  static uint32_t state = 1;
  state = state * 1664525 + 1013904223;
  return state >> 8;
}

/** Mostly little, now and then beyond each of the borders between the kinds of blocks. */
size_t next_size() {
  static constexpr size_t limits[] = {64, 64, 64, 2048, 2048, 300 << 10};
  return next_random() % limits[next_random() % 6];
}

Piece fill(void* memory, size_t size) {
  Piece piece = {static_cast<unsigned char*>(memory), size, static_cast<unsigned char>(next_random())};
  expect(memory != nullptr, "no memory");
  memset(piece.memory, piece.mark, size);
  return piece;
}

void churn(Arena& arena) {
  std::vector<Piece> pieces;
  for (int round = 0; round < 20'000; round++) {
    const uint32_t action = next_random() % 3;
    if (pieces.size() < 50 || (action == 0 && pieces.size() < 500)) {
      const size_t size = next_size();
      pieces.push_back(fill(arena.allocate(size), size));
      continue;
    }
    Piece& piece = pieces[next_random() % pieces.size()];
    check(piece);
    if (action == 1) {
      arena.release(piece.memory);
      piece = pieces.back();
      pieces.pop_back();
    } else {
      const size_t size = next_size();
      auto* moved = static_cast<unsigned char*>(arena.reallocate(piece.memory, size));
      for (size_t i = 0; i < piece.size && i < size; i++) expect(moved[i] == piece.mark, "reallocate lost bytes");
      piece = fill(moved, size);
    }
  }
  for (const Piece& piece : pieces) check(piece);
}

void stay_within() {
  alignas(16) static char memory[64 << 10];
  static Arena arena = {};
  arena.begin(memory, sizeof memory);
  size_t count = 0;
  for (void* block; (block = arena.allocate(1000)) != nullptr; count++) {
    auto* start = static_cast<char*>(block);
    expect(start >= memory && start + 1000 <= memory + sizeof memory, "a block lies outside of its memory");
  }
  expect(count == 65, "the memory was not used up");
  expect(arena.close() <= memory + sizeof memory, "more was used than there is");
  expect(arena.allocate(1000) != nullptr, "after close there is memory again");
}

/** The sanitizer sees nothing of what goes wrong within a piece, so QuickJS has none here. */
void is_watched() {
  const JSMallocFunctions& memory = runts::engine::arena;
  JSMallocState state = {};
  for (size_t size : {1, 24, 100, 5000}) {
    auto* block = static_cast<char*>(memory.js_malloc(&state, size));
    expect(__asan_address_is_poisoned(block + size) == 1, "what follows a block is not watched");
    expect(memory.js_malloc_usable_size(block) == size, "more than was asked for is said to be usable");
    block = static_cast<char*>(memory.js_realloc(&state, block, size + 1));
    expect(__asan_address_is_poisoned(block + size) == 0, "a block has not grown");
    expect(__asan_address_is_poisoned(block + size + 1) == 1, "what follows a block that has grown is not watched");
    memory.js_free(&state, block);
    expect(__asan_address_is_poisoned(block) == 1, "a free block is not watched");
  }
  expect(state.malloc_size == 0, "what was freed is counted");
}

}  // namespace

int main() {
  static Arena arena = {};
  churn(arena);
  expect(arena.allocate(SIZE_MAX) == nullptr && arena.allocate(SIZE_MAX / 2 - 8) == nullptr,
         "more memory than there is");
  stay_within();
  is_watched();
  printf("arena: 20 000 actions\n");
}
