#pragma once

#include <quickjs.h>

namespace runts::engine {

/** Adds the global object `engine` that src/engine/globals.ts builds on. */
void add_host(JSContext* context, int count, char** arguments);

}  // namespace runts::engine
