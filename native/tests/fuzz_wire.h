#pragma once

#include <cstddef>
#include <cstdint>

/** Decodes a whole plan; true when all of it is well-formed. */
bool read_plan(const void* plan, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);
