#pragma once

#include <cstddef>

#include "fd.h"

namespace runts::addon {

/** Size of the embedded init program in bytes. */
size_t init_image_size();

/** The sealed memfd of the init program: made at the first call, then kept for the life of the process. Throws
 * SystemError. */
int init_image();

/** A sealed memfd that holds `bytes`, not executable where the kernel can say so. Throws SystemError. */
Fd sealed_bytes(const char* name, const void* bytes, size_t size);

}  // namespace runts::addon
