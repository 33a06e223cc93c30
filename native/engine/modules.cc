#include "modules.h"

#include <string.h>

#include <string>

// What compile.cc wrote: number of modules; for each the lengths of its name and bytecode, then both (see
// native/engine/compile.cc).
extern "C" const unsigned char runts_modules[];

namespace runts::engine {

namespace {

uint32_t read_number(const unsigned char*& at) {
  uint32_t number;
  memcpy(&number, at, sizeof number);
  at += sizeof number;
  return number;
}

/** Specifiers are written relative to the module that imports, and all modules lie in one folder. */
char* normalize(JSContext* context, const char*, const char* name, void*) {
  return js_strdup(context, strncmp(name, "./", 2) == 0 ? name + 2 : name);
}

JSModuleDef* load(JSContext* context, const char* name, void*) {
  JSValue module = read_module(context, name);
  if (JS_IsException(module)) return nullptr;
  auto* definition = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(module));
  // The context keeps every module; this was the reader's own reference.
  JS_FreeValue(context, module);
  return definition;
}

}  // namespace

JSValue read_module(JSContext* context, std::string_view name) {
  const unsigned char* at = runts_modules;
  for (uint32_t left = read_number(at); left > 0; left--) {
    uint32_t name_length = read_number(at);
    uint32_t length = read_number(at);
    std::string_view found(reinterpret_cast<const char*>(at), name_length);
    at += name_length;
    if (found == name) return JS_ReadObject(context, at, length, JS_READ_OBJ_BYTECODE);
    at += length;
  }
  return JS_ThrowReferenceError(context, "no module %s in this executable", std::string(name).c_str());
}

void serve_modules(JSRuntime* runtime) {
  JS_SetModuleLoaderFunc(runtime, normalize, load, nullptr);
}

}  // namespace runts::engine
