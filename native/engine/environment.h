#pragma once

#include <node_api.h>
#include <quickjs.h>

#include <vector>

/**
 * Node-API on QuickJS: what the addon calls, so that one addon serves Node, Bun and the executable's own engine.
 * A napi_value is the place of a JavaScript value on a stack, counted from 1; a scope is the height it had when it was
 * opened.
 */
struct napi_env__ {
  JSContext* context = nullptr;
  std::vector<JSValue> handles;
  /** What the addon threw and has not yet reached JavaScript. */
  JSValue pending = JS_UNINITIALIZED;
  napi_extended_error_info last_error = {};
};

namespace runts::engine {

/** There is one engine, one context and one addon in a process. */
extern napi_env__ environment;

/** Takes the value over. */
inline napi_value hold(napi_env env, JSValue value) {
  env->handles.push_back(value);
  return reinterpret_cast<napi_value>(env->handles.size());
}

/** Stays the handle's. */
inline JSValue value_of(napi_env env, napi_value handle) {
  return env->handles[reinterpret_cast<size_t>(handle) - 1];
}

inline napi_status finish(napi_env env, napi_status status) {
  env->last_error.error_code = status;
  return status;
}

/** Frees the handles above a scope's height. */
void close_scope(napi_env env, size_t height);

/** Keeps what QuickJS threw, for napi_get_and_clear_last_exception or the return to JavaScript. */
napi_status keep_exception(napi_env env);

/** The result of a call into QuickJS as a handle, or its exception. */
inline napi_status deliver(napi_env env, JSValue value, napi_value* result) {
  if (JS_IsException(value)) return keep_exception(env);
  *result = hold(env, value);
  return finish(env, napi_ok);
}

}  // namespace runts::engine
