#include "environment.h"
#include "image.h"
#include "refusal.h"

struct napi_callback_info__ {
  JSValue self;
  int count;
  JSValue* values;
  void* closure;
};

namespace runts::engine {

namespace {

JSValue invoke(JSContext* context, JSValue self, int count, JSValue* values, int place, JSValue*) {
  if (refuse_host("a function of the addon")) return JS_EXCEPTION;
  const Callback& callback = image.callbacks[place];
  napi_env env = &environment;
  size_t height = env->handles.size();
  napi_callback_info__ info{self, count, values, callback.closure};
  napi_value result = callback.call(env, &info);
  JSValue returned = result == nullptr ? JS_UNDEFINED : JS_DupValue(context, value_of(env, result));
  close_scope(env, height);
  if (JS_IsUninitialized(env->pending)) return returned;
  JS_FreeValue(context, returned);
  JSValue thrown = env->pending;
  env->pending = JS_UNINITIALIZED;
  return JS_Throw(context, thrown);
}

}  // namespace

}  // namespace runts::engine

using namespace runts::engine;

extern "C" {

napi_status napi_create_function(napi_env env, const char*, size_t, napi_callback call, void* closure,
                                 napi_value* result) {
  if (image.callback_count == Image::CALLBACKS) return finish(env, napi_generic_failure);
  image.callbacks[image.callback_count] = {call, closure};
  return deliver(
      env, JS_NewCFunctionData(env->context, invoke, 0, static_cast<int>(image.callback_count++), 0, nullptr), result);
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t* count, napi_value* values, napi_value* self,
                             void** closure) {
  if (values != nullptr && count != nullptr) {
    for (size_t i = 0; i < *count; i++) {
      bool given = i < static_cast<size_t>(info->count);
      values[i] = hold(env, given ? JS_DupValue(env->context, info->values[i]) : JS_UNDEFINED);
    }
  }
  if (count != nullptr) *count = static_cast<size_t>(info->count);
  if (self != nullptr) *self = hold(env, JS_DupValue(env->context, info->self));
  if (closure != nullptr) *closure = info->closure;
  return finish(env, napi_ok);
}

napi_status napi_call_function(napi_env env, napi_value self, napi_value function, size_t count,
                               const napi_value* handles, napi_value* result) {
  std::vector<JSValue> values;
  for (size_t i = 0; i < count; i++) values.push_back(value_of(env, handles[i]));
  JSValue receiver = self == nullptr ? JS_UNDEFINED : value_of(env, self);
  JSValue returned = JS_Call(env->context, value_of(env, function), receiver, static_cast<int>(count), values.data());
  if (JS_IsException(returned)) return keep_exception(env);
  if (result != nullptr)
    *result = hold(env, returned);
  else
    JS_FreeValue(env->context, returned);
  return finish(env, napi_ok);
}

napi_status napi_define_properties(napi_env env, napi_value object, size_t count,
                                   const napi_property_descriptor* properties) {
  for (size_t i = 0; i < count; i++) {
    const napi_property_descriptor& property = properties[i];
    // Methods and accessors are added as functions; the addon's wrappers define nothing but values here.
    if (property.utf8name == nullptr || property.value == nullptr) return finish(env, napi_invalid_arg);
    JSValue value = JS_DupValue(env->context, value_of(env, property.value));
    int flags = ((property.attributes & napi_writable) != 0 ? JS_PROP_WRITABLE : 0) |
                ((property.attributes & napi_enumerable) != 0 ? JS_PROP_ENUMERABLE : 0) |
                ((property.attributes & napi_configurable) != 0 ? JS_PROP_CONFIGURABLE : 0);
    if (JS_DefinePropertyValueStr(env->context, value_of(env, object), property.utf8name, value, flags) < 0)
      return keep_exception(env);
  }
  return finish(env, napi_ok);
}

}  // extern "C"
