// The executable: src/ as bytecode, on QuickJS, with the addon linked in. One thread, nothing loaded from the file
// system.
#include <node_api.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include <algorithm>

#include "arena.h"
#include "environment.h"
#include "host.h"
#include "modules.h"

extern "C" napi_value napi_register_module_v1(napi_env env, napi_value exports);

namespace runts::engine {

namespace {

/** Deep enough for documents of 200 levels, within what the caller's limit leaves. */
size_t stack_size() {
  constexpr size_t wanted = 4 << 20;
  constexpr size_t reserve = 128 << 10;
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::clamp<size_t>(limit.rlim_cur / 2, reserve, wanted);
}

/** What src/ uses of the language; without Eval no text can become code. */
JSContext* new_context(JSRuntime* runtime) {
  JSContext* context = JS_NewContextRaw(runtime);
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

void add_addon(JSContext* context) {
  // Lives as long as the process: its functions refer to it.
  auto* env = new napi_env__;
  env->context = context;
  env->handles.reserve(256);
  env->last_error.error_code = napi_ok;
  napi_value exports = hold(env, JS_NewObject(context));
  napi_register_module_v1(env, exports);
  JSValue global = JS_GetGlobalObject(context);
  JSValue engine = JS_GetPropertyStr(context, global, "engine");
  JS_SetPropertyStr(context, engine, "addon", JS_DupValue(context, value_of(env, exports)));
  JS_FreeValue(context, engine);
  JS_FreeValue(context, global);
  close_scope(env, 0);
}

int report(JSContext* context, JSValue error) {
  const char* text = JS_ToCString(context, error);
  fprintf(stderr, "error: %s\n", text == nullptr ? "unknown" : text);
  return 1;
}

/** @returns an exit status only when the program has not ended the process itself */
int run(JSContext* context) {
  JSValue module = read_module(context, "main.js");
  if (JS_IsException(module) || JS_ResolveModule(context, module) < 0) return report(context, JS_GetException(context));
  JSValue promise = JS_EvalFunction(context, module);
  if (JS_IsException(promise)) return report(context, JS_GetException(context));
  JSContext* other = nullptr;
  while (JS_ExecutePendingJob(JS_GetRuntime(context), &other) > 0) {
  }
  return JS_PromiseState(context, promise) == JS_PROMISE_REJECTED ? report(context, JS_PromiseResult(context, promise))
                                                                  : 1;
}

}  // namespace

}  // namespace runts::engine

int main(int count, char** arguments) {
  using namespace runts::engine;
  // As in the other engines: a reader that has gone is EPIPE, which the command reports.
  signal(SIGPIPE, SIG_IGN);
  JSRuntime* runtime = JS_NewRuntime2(&arena, nullptr);
  JS_SetMaxStackSize(runtime, stack_size());
  // A command is over before it pays to look for cycles.
  JS_SetGCThreshold(runtime, 256 << 20);
  JSContext* context = new_context(runtime);
  serve_modules(runtime);
  add_host(context, count, arguments);
  add_addon(context);
  return run(context);
}
