#pragma once

#include <quickjs.h>

namespace runts::engine {

/** Adds the functions that src/engine/globals.ts builds on. */
void add_host(JSContext* context, JSValue engine);

/** What the caller gave this process, null-terminated; not part of the image. */
void set_arguments(char** arguments);

}  // namespace runts::engine
