// Compiles ES modules to QuickJS bytecode when the executable is built: compile OUTPUT MODULE.js...
// OUTPUT holds, in this machine's byte order: u32 number of modules; for each u32 length of its name, u32 length of its
// bytecode, name, bytecode.
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>

#include <string>

#include "file.h"

namespace {

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/** Imports are resolved when the executable runs. */
JSModuleDef* leave_for_later(JSContext* context, const char* name, void*) {
  return JS_NewCModule(context, name, [](JSContext*, JSModuleDef*) { return 0; });
}

[[noreturn]] void give_up(JSContext* context, const char* path) {
  JSValue error = JS_GetException(context);
  const char* text = JS_ToCString(context, error);
  fprintf(stderr, "%s: %s\n", path, text);
  exit(1);
}

std::string compile(JSContext* context, const char* path) {
  const std::optional<std::string> source = runts::engine::read_file(path);
  if (!source) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  std::string name = base_name(path);
  JSValue module =
      JS_Eval(context, source->c_str(), source->size(), name.c_str(), JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(module)) give_up(context, path);
  size_t length = 0;
  uint8_t* bytes = JS_WriteObject(context, &length, module, JS_WRITE_OBJ_BYTECODE);
  if (bytes == nullptr) give_up(context, path);
  return {reinterpret_cast<char*>(bytes), length};
}

void put_number(std::string& out, size_t number) {
  auto value = static_cast<uint32_t>(number);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: compile OUTPUT MODULE.js...\n");
    return 1;
  }
  JSRuntime* runtime = JS_NewRuntime();
  JS_SetStripInfo(runtime, JS_STRIP_SOURCE);
  JS_SetModuleLoaderFunc(runtime, nullptr, leave_for_later, nullptr);
  std::string out;
  put_number(out, static_cast<size_t>(count - 2));
  for (int i = 2; i < count; i++) {
    // A context for each, or one module would be found as the import of another.
    JSContext* context = JS_NewContext(runtime);
    std::string bytecode = compile(context, arguments[i]);
    std::string name = base_name(arguments[i]);
    put_number(out, name.size());
    put_number(out, bytecode.size());
    out += name + bytecode;
  }
  return runts::engine::write_file(arguments[1], out) ? 0 : 1;
}
