#include "image.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <string>
#include <vector>

#include "arena.h"
#include "environment.h"
#include "file.h"
#include "host.h"
#include "immortal.h"
#include "modules.h"

extern "C" napi_value napi_register_module_v1(napi_env env, napi_value exports);

namespace runts::engine {

// In a section of its own, which the build replaces; and in none of the compiler's, which would be left out of the
// file.
[[gnu::section(".runts_image"), gnu::used]] alignas(4096) Image image = {};

namespace {

/** What src/ uses of the language; without Eval no text can become code. */
JSContext* new_context() {
  JSContext* context = JS_NewContextRaw(JS_NewRuntime2(&arena, nullptr));
  JS_AddIntrinsicBaseObjects(context);
  JS_AddIntrinsicDate(context);
  JS_AddIntrinsicRegExpCompiler(context);
  JS_AddIntrinsicRegExp(context);
  JS_AddIntrinsicJSON(context);
  JS_AddIntrinsicMapSet(context);
  JS_AddIntrinsicTypedArrays(context);
  JS_AddIntrinsicPromise(context);
  return context;
}

JSValue load_addon(JSContext* context) {
  environment.context = context;
  napi_value exports = hold(&environment, JS_NewObject(context));
  napi_register_module_v1(&environment, exports);
  JSValue addon = JS_DupValue(context, value_of(&environment, exports));
  close_scope(&environment, 0);
  return addon;
}

struct Range {
  uintptr_t from;
  uintptr_t to;
};

/** Everything mapped that is not the executable: addresses there are others in every process. */
std::vector<Range> foreign_ranges() {
  std::vector<Range> ranges;
  std::string executable;
  char line[PATH_MAX + 128];
  FILE* maps = fopen("/proc/self/maps", "re");
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    Range range = {};
    char path[PATH_MAX] = "";
    sscanf(line, "%lx-%lx %*s %*s %*s %*s %4095s", &range.from, &range.to, path);
    // The first mapping is the executable's, which has fixed addresses.
    if (executable.empty()) executable = path;
    if (path != executable) ranges.push_back(range);
  }
  if (maps != nullptr) fclose(maps);
  return ranges;
}

bool points_outside(const std::vector<Range>& ranges, JSRuntime* runtime) {
  auto* words = reinterpret_cast<const uintptr_t*>(&image);
  auto* own = reinterpret_cast<const uintptr_t*>(runtime);
  for (size_t i = 0; i < sizeof image / sizeof *words; i++) {
    // The runtime notes where the stack is, anew in every process.
    if (&words[i] >= own && &words[i] < own + arena.js_malloc_usable_size(runtime) / sizeof *words) continue;
    // Pointers are aligned; a number may still look like one, but hardly in two processes (scripts/build-binary.js
    // tries again).
    if (words[i] % alignof(void*) != 0) continue;
    for (const Range& range : ranges) {
      if (words[i] < range.from || words[i] >= range.to) continue;
      fprintf(stderr, "the image points outside: word %zu is %lx\n", i, words[i]);
      return true;
    }
  }
  return false;
}

}  // namespace

int make_image(const char* modules, const char* output) {
  const std::optional<std::string> table = read_file(modules);
  if (!table) return 1;
  image.arena.begin(image.heap, Image::HEAP);
  JSContext* context = new_context();
  JSValue global = JS_GetGlobalObject(context);
  JSValue engine = JS_NewObject(context);
  add_host(context, engine);
  JS_SetPropertyStr(context, engine, "addon", load_addon(context));
  JS_SetPropertyStr(context, global, "engine", JS_DupValue(context, engine));
  if (!load_modules(context, reinterpret_cast<const unsigned char*>(table->data()))) return 1;
  image.start = JS_GetPropertyStr(context, engine, "start");
  image.context = context;
  make_immortal(context);
  JS_RunGC(JS_GetRuntime(context));
  // What is left of the heap stays as it is in the file: commands get memory that is empty and no copy of a page.
  const char* end = image.arena.close();
  fprintf(stderr, "image: %zu bytes used\n", static_cast<size_t>(end - image.heap));
  image.filled = true;
  if (points_outside(foreign_ranges(), JS_GetRuntime(context))) return 1;
  return write_file(output, {reinterpret_cast<const char*>(&image), sizeof image}) ? 0 : 1;
}

}  // namespace runts::engine
