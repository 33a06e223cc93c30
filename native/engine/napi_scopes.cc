#include "environment.h"

namespace runts::engine {

napi_env__ environment;

void close_scope(napi_env env, size_t height) {
  while (env->handles.size() > height) {
    JS_FreeValue(env->context, env->handles.back());
    env->handles.pop_back();
  }
}

namespace {

// The first place stays empty, so that no scope is a null pointer.
template <class Scope>
napi_status open(napi_env env, Scope* scope) {
  *scope = reinterpret_cast<Scope>(hold(env, JS_UNDEFINED));
  return finish(env, napi_ok);
}

template <class Scope>
napi_status close(napi_env env, Scope scope) {
  close_scope(env, reinterpret_cast<size_t>(scope) - 1);
  return finish(env, napi_ok);
}

}  // namespace

}  // namespace runts::engine

/** Always strong: whoever deletes its references, as the addon's C++ wrappers do, sees no difference. */
struct napi_ref__ {
  JSValue value;
};

using namespace runts::engine;

extern "C" {

napi_status napi_open_handle_scope(napi_env env, napi_handle_scope* scope) {
  return open(env, scope);
}

napi_status napi_close_handle_scope(napi_env env, napi_handle_scope scope) {
  return close(env, scope);
}

napi_status napi_open_escapable_handle_scope(napi_env env, napi_escapable_handle_scope* scope) {
  // Below the scope is the place that an escaping value will take.
  hold(env, JS_UNDEFINED);
  return open(env, scope);
}

napi_status napi_close_escapable_handle_scope(napi_env env, napi_escapable_handle_scope scope) {
  return close(env, scope);
}

napi_status napi_escape_handle(napi_env env, napi_escapable_handle_scope scope, napi_value escapee,
                               napi_value* result) {
  size_t place = reinterpret_cast<size_t>(scope) - 1;
  env->handles[place - 1] = JS_DupValue(env->context, value_of(env, escapee));
  *result = reinterpret_cast<napi_value>(place);
  return finish(env, napi_ok);
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t, napi_ref* result) {
  *result = new napi_ref__{JS_DupValue(env->context, value_of(env, value))};
  return finish(env, napi_ok);
}

napi_status napi_delete_reference(napi_env env, napi_ref reference) {
  JS_FreeValue(env->context, reference->value);
  delete reference;
  return finish(env, napi_ok);
}

napi_status napi_get_reference_value(napi_env env, napi_ref reference, napi_value* result) {
  *result = hold(env, JS_DupValue(env->context, reference->value));
  return finish(env, napi_ok);
}

}  // extern "C"
