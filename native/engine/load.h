#pragma once

namespace runts::engine {

/**
 * Makes the engine and loads every module of what compile.cc wrote: image.context and image.start.
 * @param for_image whether a module that asks the host is refused
 * @returns false when a module fails or was refused something, which is told on stderr
 */
bool load(const unsigned char* modules, bool for_image);

/** Of an executable without an image: what it loads in every call. Else null. */
extern "C" [[gnu::weak, gnu::visibility("hidden")]] const unsigned char embedded_modules[];

}  // namespace runts::engine
