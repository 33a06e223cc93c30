// Entry points for a coverage-guided fuzzer on the executable's own engine, one for each name that this program has
// (fuzz.mk): `engine`, Node-API by generated calls and UTF-8; the others, what fuzzed/main.ts has of src/.

#include "fuzz_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>
#include <vector>

#include "../core/start.h"
#include "../engine/environment.h"
#include "../engine/host.h"
#include "../engine/load.h"
#include "fuzz_engine_room.h"
#include "fuzz_script.h"

using namespace runts::engine;

__attribute__((section("__libfuzzer_extra_counters"))) uint8_t script_counters[SCRIPT_COUNTERS];

/** Called in each basic block of QuickJS. */
extern "C" __attribute__((no_sanitize("coverage"))) void __wrap___sanitizer_cov_trace_pc() {
  constexpr size_t COUNTERS = 1 << 16;
  __attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];
  extern const char __executable_start;
  const auto place = static_cast<const char*>(__builtin_return_address(0)) - &__executable_start;
  counters[static_cast<size_t>(place) % COUNTERS]++;
}

extern "C" napi_value napi_register_module_v1(napi_env env, napi_value exports);

namespace {

/** This program's name behind "fuzz-". */
std::string target;
std::string folder;
JSContext* context;
/** QuickJS asks once in 10 000 calls whether to go on. */
constexpr unsigned MOST_QUESTIONS = 10;
unsigned questions = 0;

/** Ends what has no end: arrays within arrays, each of them twice, as the name of a property. */
int is_enough(JSRuntime*, void*) {
  return ++questions > MOST_QUESTIONS;
}

[[noreturn]] void give_up() {
  JSValue error = JS_GetException(context);
  JSValue stack = JS_GetPropertyStr(context, error, "stack");
  const char* words = JS_ToCString(context, error);
  const char* where = JS_ToCString(context, stack);
  fprintf(stderr, "%s\n%s\n", words == nullptr ? "?" : words, where == nullptr ? "?" : where);
  __builtin_trap();
}

std::string content(const std::string& path) {
  FILE* file = fopen(path.c_str(), "re");
  if (file == nullptr) {
    perror(path.c_str());
    exit(1);
  }
  std::string text;
  for (int byte; (byte = fgetc(file)) != EOF;) text.push_back(static_cast<char>(byte));
  fclose(file);
  return text;
}

JSValue load_addon() {
  napi_value exports = hold(&environment, JS_NewObject(context));
  napi_register_module_v1(&environment, exports);
  JSValue addon = JS_DupValue(context, value_of(&environment, exports));
  close_scope(&environment, 0);
  return addon;
}

/** With malloc(3), so that the sanitizer sees each block. */
void start() {
  JSRuntime* runtime = JS_NewRuntime();
  context = JS_NewContext(runtime);
  JS_SetMaxStackSize(runtime, 4 << 20);
  environment.context = context;
  JSValue global = JS_GetGlobalObject(context);
  JSValue engine = JS_NewObject(context);
  add_host(context, engine);
  JS_SetPropertyStr(context, engine, "addon", load_addon());
  JS_SetPropertyStr(context, engine, "messages", JS_NewCFunction(context, make_messages, "messages", 1));
  JS_SetPropertyStr(context, global, "engine", engine);
  JS_FreeValue(context, global);
  const std::string script = content(folder + "/script.js");
  JSValue result = JS_Eval(context, script.c_str(), script.size(), "script.js", JS_EVAL_TYPE_GLOBAL);
  if (JS_IsException(result)) give_up();
  JS_FreeValue(context, result);
  if (target == "engine") JS_SetInterruptHandler(runtime, is_enough, nullptr);
}

/** `fuzz(target, bytes)` */
void run_script(const uint8_t* bytes, size_t size) {
  JSValue global = JS_GetGlobalObject(context);
  JSValue fuzz = JS_GetPropertyStr(context, global, "fuzz");
  JSValue buffer = JS_NewArrayBufferCopy(context, bytes, size);
  JSValue whole[] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
  JSValue given[] = {JS_NewString(context, target.c_str()), JS_NewTypedArray(context, 3, whole, JS_TYPED_ARRAY_UINT8)};
  JSValue result = JS_Call(context, fuzz, JS_UNDEFINED, 2, given);
  if (JS_IsException(result)) give_up();
  for (JSValue value : {given[0], given[1], buffer, fuzz, global}) JS_FreeValue(context, value);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  const std::string path = (*arguments)[0];
  const size_t slash = path.rfind('/');
  folder = slash == std::string::npos ? "." : path.substr(0, slash);
  target = path.substr(path.rfind('-') + 1);
  runts::addon::catch_signals_by_mask();
  if (target == "calls") {
    std::vector<std::string> kept = {folder};
    for (int i = 1; i < *count; i++)
      if ((*arguments)[i][0] == '/') kept.push_back((*arguments)[i]);
    enter_room(kept);
  }
  start();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  questions = 0;
  if (target == "calls") {
    run_script(bytes, size);
    tidy_room();
  } else if (target != "engine")
    run_script(bytes, size);
  else if (bytes[0] % 2 == 0)
    make_calls({bytes + 1, bytes + size});
  else
    check_utf8({reinterpret_cast<const char*>(bytes + 1), size - 1});
  return 0;
}
