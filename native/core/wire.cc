#include "wire.h"

#include "ops.gen.h"

namespace runts {

namespace {
constexpr u64 WORD = sizeof(u64);
constexpr u64 U32_MAX = 0xffffffff;
}  // namespace

Reader::Reader(const void* from, u64 size)
    : at_(static_cast<const u64*>(from)),
      left_(size / WORD),
      broken_(reinterpret_cast<uintptr_t>(from) % WORD != 0 || size % WORD != 0) {
  if (broken_) left_ = 0;
}

bool Reader::u64_(u64& to) {
  if (left_ == 0) return false;
  to = *at_++;
  left_--;
  return true;
}

bool Reader::i64_(i64& to) {
  u64 value = 0;
  if (!u64_(value)) return false;
  to = static_cast<i64>(value);
  return true;
}

bool Reader::u32_(u32& to) {
  u64 value = 0;
  if (!u64_(value) || value > U32_MAX) return false;
  to = static_cast<u32>(value);
  return true;
}

bool Reader::bool_(bool& to) {
  u64 value = 0;
  if (!u64_(value) || value > 1) return false;
  to = value == 1;
  return true;
}

bool Reader::slot(u32& to) {
  return u32_(to) && to < SLOT_COUNT;
}

bool Reader::blob(const u8*& to, u64& size) {
  if (!u64_(size)) return false;
  // Divided before compared: no size can make this overflow. The bytes are followed by at least one NUL.
  u64 words = size / WORD + 1;
  if (words > left_) return false;
  to = reinterpret_cast<const u8*>(at_);
  for (u64 i = size; i < words * WORD; i++) {
    if (to[i] != 0) return false;
  }
  at_ += words;
  left_ -= words;
  return true;
}

bool Reader::bytes(Bytes& to) {
  return blob(to.data, to.size);
}

bool Reader::str(Str& to) {
  const u8* bytes = nullptr;
  u64 size = 0;
  if (!blob(bytes, size)) return false;
  to = {reinterpret_cast<const char*>(bytes), size};
  return find(to, '\0') == size;
}

bool Reader::strs(StrList& to) {
  u64 count = 0;
  if (!u64_(count)) return false;
  to = {at_, count};
  Str item;
  for (u64 i = 0; i < count; i++) {
    if (!str(item)) return false;
  }
  return true;
}

bool Reader::u64s(Words& to) {
  u64 count = 0;
  if (!u64_(count) || count > left_) return false;
  to = {at_, count};
  at_ += count;
  left_ -= count;
  return true;
}

bool Reader::u32s(Words& to) {
  if (!u64s(to)) return false;
  for (u64 value : to) {
    if (value > U32_MAX) return false;
  }
  return true;
}

bool Reader::section(u64 size, Reader& to) {
  if (broken_ || size % WORD != 0 || size / WORD > left_) return false;
  to = Reader(at_, size);
  at_ += size / WORD;
  left_ -= size / WORD;
  return true;
}

bool read_header(Reader& reader, u64 size) {
  u64 magic = 0;
  u64 abi = 0;
  u64 length = 0;
  if (!reader.u64_(magic) || !reader.u64_(abi) || !reader.u64_(length)) return false;
  return magic == PLAN_MAGIC && abi == PLAN_ABI && length == size;
}

bool read_record(Reader& reader, Record& to) {
  u64 kind = 0;
  u64 length = 0;
  if (!reader.u64_(kind) || !reader.u32_(to.step) || !reader.u64_(length)) return false;
  to.op = static_cast<u32>(kind);
  to.stage = static_cast<u32>(kind >> 32);
  if (to.op == 0 || to.op > OP_COUNT) return false;
  if (to.stage != stages::intermediate && to.stage != stages::init) return false;
  return reader.section(length, to.payload);
}

}  // namespace runts
