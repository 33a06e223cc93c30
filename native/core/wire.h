#pragma once

#include "types.h"

namespace runts {

/**
 * Reads the fields of a plan where they lie. Each call checks bounds and the value's range and returns false for
 * anything malformed; nothing is copied. Everything in a plan is a multiple of 8 bytes, so the reader counts in words.
 * The memory must outlive what is read from it.
 */
class Reader {
 public:
  Reader() = default;
  /** Memory that is not 8-aligned or not whole words is refused: the reader reads nothing and never is finished. */
  Reader(const void* from, u64 size);

  bool u32_(u32& to);
  bool u64_(u64& to);
  bool i64_(i64& to);
  bool bool_(bool& to);
  /** A u32 below SLOT_COUNT. */
  bool slot(u32& to);
  /** Text without NUL inside. */
  bool str(Str& to);
  bool bytes(Bytes& to);
  bool strs(StrList& to);
  bool u32s(Words& to);
  bool u64s(Words& to);

  /** Whether everything was read. */
  bool finished() const { return !broken_ && left_ == 0; }
  /** Hands the next `size` bytes to a reader of their own and skips them. */
  bool section(u64 size, Reader& to);

 private:
  bool blob(const u8*& to, u64& size);

  const u64* at_ = nullptr;
  /** Words left. */
  u64 left_ = 0;
  bool broken_ = false;
};

/** One record of a plan. */
struct Record {
  u32 op = 0;
  u32 stage = 0;
  /** The step's number in the plan; comes back in events. */
  u32 step = 0;
  Reader payload;
};

/** Checks magic, abi and the length against `size`; afterwards `reader` stands at the first record. */
bool read_header(Reader& reader, u64 size);
/** Reads a record's three words and sets its payload aside. */
bool read_record(Reader& reader, Record& to);

}  // namespace runts
