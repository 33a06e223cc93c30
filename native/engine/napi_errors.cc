#include <stdio.h>
#include <stdlib.h>

#include "environment.h"

namespace runts::engine {

namespace {

/** Takes the value over, in place of what was pending before. */
void set_pending(napi_env env, JSValue error) {
  if (!JS_IsUninitialized(env->pending)) JS_FreeValue(env->context, env->pending);
  env->pending = error;
}

napi_status create(napi_env env, const char* constructor, napi_value message, napi_value* result) {
  JSContext* context = env->context;
  JSValue global = JS_GetGlobalObject(context);
  JSValue type = JS_GetPropertyStr(context, global, constructor);
  JSValue argument = value_of(env, message);
  JSValue error = JS_CallConstructor(context, type, 1, &argument);
  JS_FreeValue(context, type);
  JS_FreeValue(context, global);
  return deliver(env, error, result);
}

}  // namespace

napi_status keep_exception(napi_env env) {
  set_pending(env, JS_GetException(env->context));
  return finish(env, napi_pending_exception);
}

}  // namespace runts::engine

using namespace runts::engine;

extern "C" {

napi_status napi_create_error(napi_env env, napi_value, napi_value message, napi_value* result) {
  return create(env, "Error", message, result);
}

napi_status napi_create_type_error(napi_env env, napi_value, napi_value message, napi_value* result) {
  return create(env, "TypeError", message, result);
}

napi_status napi_throw(napi_env env, napi_value error) {
  set_pending(env, JS_DupValue(env->context, value_of(env, error)));
  return finish(env, napi_ok);
}

napi_status napi_is_exception_pending(napi_env env, bool* result) {
  *result = !JS_IsUninitialized(env->pending);
  return napi_ok;
}

napi_status napi_get_and_clear_last_exception(napi_env env, napi_value* result) {
  bool pending = !JS_IsUninitialized(env->pending);
  *result = hold(env, pending ? env->pending : JS_UNDEFINED);
  env->pending = JS_UNINITIALIZED;
  return finish(env, napi_ok);
}

napi_status napi_get_last_error_info(node_api_basic_env env, const napi_extended_error_info** result) {
  napi_extended_error_info& last = const_cast<napi_env>(env)->last_error;
  last.error_message = last.error_code == napi_ok ? nullptr : "a value of another type was expected";
  *result = &last;
  return napi_ok;
}

void napi_fatal_error(const char* location, size_t, const char* message, size_t) {
  fprintf(stderr, "fatal error: %s: %s\n", location == nullptr ? "runts" : location, message == nullptr ? "" : message);
  abort();
}

// Called from destructors of C++ wrappers that the addon has no instance of.
napi_status napi_async_destroy(napi_env env, napi_async_context) {
  return finish(env, napi_ok);
}

napi_status napi_close_callback_scope(napi_env env, napi_callback_scope) {
  return finish(env, napi_ok);
}

}  // extern "C"
