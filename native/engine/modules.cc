#include "modules.h"

#include <stdio.h>
#include <string.h>

#include <string>

namespace runts::engine {

namespace {

/** What compile.cc wrote: number of modules; for each the lengths of its name and bytecode, then both. Only while the
 * image is made. */
const unsigned char* table = nullptr;

uint32_t read_number(const unsigned char*& at) {
  uint32_t number;
  memcpy(&number, at, sizeof number);
  at += sizeof number;
  return number;
}

template <class Use>
void for_each_module(Use use) {
  const unsigned char* at = table;
  for (uint32_t left = read_number(at); left > 0; left--) {
    uint32_t name_length = read_number(at);
    uint32_t length = read_number(at);
    std::string_view name(reinterpret_cast<const char*>(at), name_length);
    at += name_length;
    use(name, at, length);
    at += length;
  }
}

JSValue read_module(JSContext* context, std::string_view name);

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

JSValue read_module(JSContext* context, std::string_view name) {
  JSValue found = JS_UNDEFINED;
  for_each_module([&](std::string_view other, const unsigned char* bytecode, size_t length) {
    if (other == name) found = JS_ReadObject(context, bytecode, length, JS_READ_OBJ_BYTECODE);
  });
  if (!JS_IsUndefined(found)) return found;
  return JS_ThrowReferenceError(context, "no module %s in this executable", std::string(name).c_str());
}

}  // namespace

bool load_modules(JSContext* context, const unsigned char* modules) {
  table = modules;
  bool loaded = true;
  JS_SetModuleLoaderFunc(JS_GetRuntime(context), normalize, load, nullptr);
  for_each_module([&](std::string_view name, const unsigned char*, size_t) {
    JSValue promise = JS_LoadModule(context, "", std::string(name).c_str());
    JSContext* other = nullptr;
    while (JS_ExecutePendingJob(JS_GetRuntime(context), &other) > 0) {
    }
    if (JS_PromiseState(context, promise) != JS_PROMISE_FULFILLED) {
      const char* reason = JS_ToCString(context, JS_PromiseResult(context, promise));
      fprintf(stderr, "%.*s: %s\n", static_cast<int>(name.size()), name.data(), reason);
      loaded = false;
    }
    JS_FreeValue(context, promise);
  });
  return loaded;
}

}  // namespace runts::engine
