#pragma once

#include <quickjs.h>

namespace runts::engine {

/** Loads every module of what compile.cc wrote, in that order; false when one fails. From then on modules come from
 * there alone: no file is ever looked for. */
bool load_modules(JSContext* context, const unsigned char* modules);

}  // namespace runts::engine
