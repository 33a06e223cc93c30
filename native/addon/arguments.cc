#include "arguments.h"

#include <cmath>
#include <limits>

namespace runts::addon::arguments {

namespace {

[[noreturn]] void refuse(const Napi::Value& value, const char* wanted) {
  throw Napi::TypeError::New(value.Env(), std::string("argument must be ") + wanted);
}

double whole(const Napi::Value& value, double least, double most) {
  if (!value.IsNumber()) refuse(value, "a number");
  double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= least && number <= most) || number != std::trunc(number)) refuse(value, "a whole number in range");
  return number;
}

Napi::Array array(const Napi::Value& value) {
  if (!value.IsArray()) refuse(value, "an array");
  return value.As<Napi::Array>();
}

template <class Element, class Read>
std::vector<Element> list(const Napi::Value& value, Read read) {
  Napi::Array source = array(value);
  std::vector<Element> result;
  result.reserve(source.Length());
  for (uint32_t i = 0; i < source.Length(); i++) result.push_back(read(source.Get(i)));
  return result;
}

}  // namespace

int32_t int32(const Napi::Value& value) {
  return static_cast<int32_t>(whole(value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

uint32_t uint32(const Napi::Value& value) {
  return static_cast<uint32_t>(whole(value, 0, std::numeric_limits<uint32_t>::max()));
}

int64_t int64(const Napi::Value& value) {
  constexpr double safe = 9007199254740991;  // Number.MAX_SAFE_INTEGER
  return static_cast<int64_t>(whole(value, -safe, safe));
}

uint64_t big_unsigned(const Napi::Value& value) {
  if (!value.IsBigInt()) refuse(value, "a bigint");
  bool lossless = false;
  uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless) refuse(value, "a bigint of 64 bits without sign");
  return number;
}

bool boolean(const Napi::Value& value) {
  if (!value.IsBoolean()) refuse(value, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

std::string text(const Napi::Value& value) {
  if (!value.IsString()) refuse(value, "a string");
  return value.As<Napi::String>().Utf8Value();
}

std::string c_text(const Napi::Value& value) {
  std::string result = text(value);
  if (result.find('\0') != std::string::npos) throw SystemError{EINVAL, "string", result.c_str(), "NUL inside"};
  return result;
}

std::string bytes(const Napi::Value& value) {
  if (value.IsString()) return text(value);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    refuse(value, "a string or a Uint8Array");
  }
  auto array = value.As<Napi::Uint8Array>();
  return std::string(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
}

std::vector<int> integers(const Napi::Value& value) {
  return list<int>(value, int32);
}

std::vector<std::string> c_texts(const Napi::Value& value) {
  return list<std::string>(value, c_text);
}

}  // namespace runts::addon::arguments
