#pragma once

#include <quickjs.h>

#include <string_view>

namespace runts::engine {

/** The module's bytecode in the executable, read but not run; an exception when there is none of that name. */
JSValue read_module(JSContext* context, std::string_view name);

/** Modules come from the executable alone: no file is ever looked for. */
void serve_modules(JSRuntime* runtime);

}  // namespace runts::engine
