#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "error.h"

/** Strict readers of JavaScript values. N-API alone would turn NaN into 0, and kill(0) means everybody. */
namespace runts::addon::arguments {

/** A whole number within the range of the type; throws TypeError. */
int32_t int32(const Napi::Value& value);
uint32_t uint32(const Napi::Value& value);
int64_t int64(const Napi::Value& value);

/** A bigint from 0 to 2^64-1; throws TypeError. */
uint64_t big_unsigned(const Napi::Value& value);

bool boolean(const Napi::Value& value);

/** UTF-8 of a string. */
std::string text(const Napi::Value& value);

/** UTF-8 of a string that goes to the kernel NUL-terminated; one with a NUL inside is refused (EINVAL), not cut. */
std::string c_text(const Napi::Value& value);

/** UTF-8 of a string, or the bytes of a Uint8Array. */
std::string bytes(const Napi::Value& value);

std::vector<int> integers(const Napi::Value& value);
std::vector<std::string> c_texts(const Napi::Value& value);

}  // namespace runts::addon::arguments
