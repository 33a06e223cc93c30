// Entry point for a coverage-guided fuzzer; wire_test.cc calls it with mutations of a good plan.

#include "fuzz_wire.h"

#include <cstring>
#include <vector>

#include "../core/ops.gen.h"

using namespace runts;

namespace {

/** Reads every byte that a decoded field points to, so that the sanitizer sees what lies outside. */
struct Toucher {
  u64 sum = 0;

  void touch(Str text) {
    for (u64 i = 0; i <= text.size; i++) sum += static_cast<u8>(text.data[i]);
    if (strlen(text.c_str()) != text.size) __builtin_trap();
  }
  void touch(const StrList& list) {
    for (Str text : list) touch(text);
  }
  void touch(const Words& words) {
    for (u64 word : words) sum += word;
  }
  void touch(Bytes bytes) {
    for (u64 i = 0; i < bytes.size; i++) sum += bytes.data[i];
  }
  void touch(u64 number) { sum += number; }
};

bool decode(u32 op, Reader& payload, Toucher& toucher) {
  switch (op) {
#define CASE(Operation)                                            \
  case ops::Operation::NUMBER: {                                   \
    ops::Operation operation;                                      \
    if (!ops::Operation::decode(payload, operation)) return false; \
    operation.each([&](auto field) { toucher.touch(field); });     \
    return true;                                                   \
  }
    RUNTS_OPS(CASE)
#undef CASE
  }
  return false;
}

}  // namespace

bool read_plan(const void* plan, size_t size) {
  Toucher toucher;
  Reader reader(plan, size);
  if (!read_header(reader, size)) return false;
  Record record;
  while (!reader.finished()) {
    if (!read_record(reader, record)) return false;
    if (record.op == 0 || record.op > OP_COUNT) __builtin_trap();
    if (!decode(record.op, record.payload, toucher)) return false;
  }
  return true;
}

extern "C" int LLVMFuzzerTestOneInput(const u8* bytes, size_t size) {
  // A copy of exactly this size: 8-aligned as a mapping is, with nothing readable behind it.
  std::vector<u8> copy(bytes, bytes + size);
  read_plan(copy.data(), copy.size());
  return 0;
}
