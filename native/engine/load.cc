#include "load.h"

#include <node_api.h>

#include "environment.h"
#include "host.h"
#include "image.h"
#include "modules.h"
#include "refusal.h"

extern "C" napi_value napi_register_module_v1(napi_env env, napi_value exports);

namespace runts::engine {

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

}  // namespace

bool load(const unsigned char* modules, bool for_image) {
  JSContext* context = new_context();
  JSValue global = JS_GetGlobalObject(context);
  JSValue engine = JS_NewObject(context);
  add_host(context, engine);
  JS_SetPropertyStr(context, engine, "addon", load_addon(context));
  JS_SetPropertyStr(context, global, "engine", JS_DupValue(context, engine));
  if (for_image) refusing = context;
  const bool loaded = load_modules(context, modules);
  refusing = nullptr;
  if (!loaded || refusals > 0) return false;
  image.start = JS_GetPropertyStr(context, engine, "start");
  image.context = context;
  return true;
}

}  // namespace runts::engine
