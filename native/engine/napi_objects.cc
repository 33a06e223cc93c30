#include <algorithm>
#include <array>

#include "environment.h"

using namespace runts::engine;

namespace {

constexpr napi_typedarray_type array_types[] = {
    napi_uint8_clamped_array, napi_int8_array,    napi_uint8_array,   napi_int16_array,
    napi_uint16_array,        napi_int32_array,   napi_uint32_array,  napi_bigint64_array,
    napi_biguint64_array,     napi_float32_array, napi_float64_array,
};

/** QuickJS's numbers of the typed arrays' classes, in the order of array_types. */
std::array<JSClassID, std::size(array_types)> read_classes(JSContext* context) {
  std::array<JSClassID, std::size(array_types)> classes;
  for (size_t kind = 0; kind < classes.size(); kind++) {
    JSValue length = JS_NewInt32(context, 0);
    JSValue array = JS_NewTypedArray(context, 1, &length, static_cast<JSTypedArrayEnum>(kind));
    JS_GetAnyOpaque(array, &classes[kind]);
    JS_FreeValue(context, array);
  }
  return classes;
}

/** Place in array_types, -1 for what is no typed array. */
int kind_of(napi_env env, JSValue value) {
  static const auto classes = read_classes(env->context);
  if (!JS_IsObject(value)) return -1;
  JSClassID id = 0;
  JS_GetAnyOpaque(value, &id);
  auto found = std::find(classes.begin(), classes.end(), id);
  return found == classes.end() ? -1 : static_cast<int>(found - classes.begin());
}

napi_status done(napi_env env, int result) {
  return result < 0 ? keep_exception(env) : finish(env, napi_ok);
}

JSValue own(napi_env env, napi_value value) {
  return JS_DupValue(env->context, value_of(env, value));
}

}  // namespace

extern "C" {

napi_status napi_create_object(napi_env env, napi_value* result) {
  return deliver(env, JS_NewObject(env->context), result);
}

napi_status napi_create_array(napi_env env, napi_value* result) {
  return deliver(env, JS_NewArray(env->context), result);
}

napi_status napi_create_array_with_length(napi_env env, size_t length, napi_value* result) {
  JSValue array = JS_NewArray(env->context);
  if (!JS_IsException(array))
    JS_SetPropertyStr(env->context, array, "length", JS_NewInt64(env->context, static_cast<int64_t>(length)));
  return deliver(env, array, result);
}

napi_status napi_is_array(napi_env env, napi_value value, bool* result) {
  *result = JS_IsArray(env->context, value_of(env, value)) == 1;
  return finish(env, napi_ok);
}

napi_status napi_get_array_length(napi_env env, napi_value array, uint32_t* result) {
  if (JS_IsArray(env->context, value_of(env, array)) != 1) return finish(env, napi_array_expected);
  JSValue length = JS_GetPropertyStr(env->context, value_of(env, array), "length");
  JS_ToUint32(env->context, result, length);
  JS_FreeValue(env->context, length);
  return finish(env, napi_ok);
}

napi_status napi_get_element(napi_env env, napi_value object, uint32_t index, napi_value* result) {
  return deliver(env, JS_GetPropertyUint32(env->context, value_of(env, object), index), result);
}

napi_status napi_set_element(napi_env env, napi_value object, uint32_t index, napi_value value) {
  return done(env, JS_SetPropertyUint32(env->context, value_of(env, object), index, own(env, value)));
}

napi_status napi_get_named_property(napi_env env, napi_value object, const char* name, napi_value* result) {
  return deliver(env, JS_GetPropertyStr(env->context, value_of(env, object), name), result);
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char* name, napi_value value) {
  return done(env, JS_SetPropertyStr(env->context, value_of(env, object), name, own(env, value)));
}

napi_status napi_get_property(napi_env env, napi_value object, napi_value key, napi_value* result) {
  JSAtom name = JS_ValueToAtom(env->context, value_of(env, key));
  JSValue value = JS_GetProperty(env->context, value_of(env, object), name);
  JS_FreeAtom(env->context, name);
  return deliver(env, value, result);
}

napi_status napi_has_property(napi_env env, napi_value object, napi_value key, bool* result) {
  JSAtom name = JS_ValueToAtom(env->context, value_of(env, key));
  int found = JS_HasProperty(env->context, value_of(env, object), name);
  JS_FreeAtom(env->context, name);
  *result = found == 1;
  return done(env, found);
}

napi_status napi_create_arraybuffer(napi_env env, size_t length, void** bytes, napi_value* result) {
  JSValue buffer = JS_NewArrayBufferCopy(env->context, nullptr, 0);
  if (length > 0) {
    JS_FreeValue(env->context, buffer);
    // Zeroed by QuickJS's own allocator, freed with the buffer.
    auto* memory = static_cast<uint8_t*>(js_mallocz(env->context, length));
    if (memory == nullptr) return keep_exception(env);
    auto release = [](JSRuntime* runtime, void*, void* pointer) { js_free_rt(runtime, pointer); };
    buffer = JS_NewArrayBuffer(env->context, memory, length, release, nullptr, false);
  }
  size_t size = 0;
  if (bytes != nullptr) *bytes = JS_GetArrayBuffer(env->context, &size, buffer);
  return deliver(env, buffer, result);
}

napi_status napi_get_arraybuffer_info(napi_env env, napi_value buffer, void** bytes, size_t* length) {
  size_t size = 0;
  uint8_t* memory = JS_GetArrayBuffer(env->context, &size, value_of(env, buffer));
  if (bytes != nullptr) *bytes = memory;
  if (length != nullptr) *length = size;
  return finish(env, napi_ok);
}

napi_status napi_create_typedarray(napi_env env, napi_typedarray_type type, size_t length, napi_value buffer,
                                   size_t offset, napi_value* result) {
  JSValue arguments[] = {value_of(env, buffer), JS_NewInt64(env->context, static_cast<int64_t>(offset)),
                         JS_NewInt64(env->context, static_cast<int64_t>(length))};
  for (int kind = 0; kind < static_cast<int>(std::size(array_types)); kind++) {
    if (array_types[kind] != type) continue;
    return deliver(env, JS_NewTypedArray(env->context, 3, arguments, static_cast<JSTypedArrayEnum>(kind)), result);
  }
  return finish(env, napi_invalid_arg);
}

napi_status napi_is_typedarray(napi_env env, napi_value value, bool* result) {
  *result = kind_of(env, value_of(env, value)) >= 0;
  return finish(env, napi_ok);
}

napi_status napi_get_typedarray_info(napi_env env, napi_value handle, napi_typedarray_type* type, size_t* length,
                                     void** bytes, napi_value* buffer, size_t* byte_offset) {
  JSValue array = value_of(env, handle);
  int kind = kind_of(env, array);
  if (kind < 0) return finish(env, napi_invalid_arg);
  size_t offset = 0;
  size_t size = 0;
  size_t element = 1;
  JSValue memory = JS_GetTypedArrayBuffer(env->context, array, &offset, &size, &element);
  if (JS_IsException(memory)) return keep_exception(env);
  if (type != nullptr) *type = array_types[kind];
  if (length != nullptr) *length = size / element;
  if (byte_offset != nullptr) *byte_offset = offset;
  size_t whole = 0;
  if (bytes != nullptr) *bytes = JS_GetArrayBuffer(env->context, &whole, memory) + offset;
  if (buffer != nullptr)
    *buffer = hold(env, memory);
  else
    JS_FreeValue(env->context, memory);
  return finish(env, napi_ok);
}

}  // extern "C"
