#pragma once

#include <cstddef>

#include "../core/fd.h"

namespace runts::addon {

/**
 * A sealed memfd of the init program. One for each container: as /proc/PID/exe it is within reach of the container's
 * root, who cannot write to it, but can take its mode, open it for writing (ETXTBSY) or hold a lease on it, and so
 * would keep another container from being made. Throws SystemError.
 */
Fd init_image();

/** A sealed memfd that holds `bytes`, not executable where the kernel can say so. Throws SystemError. */
Fd sealed_bytes(const char* name, const void* bytes, size_t size);

}  // namespace runts::addon
