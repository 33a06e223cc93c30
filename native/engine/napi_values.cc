#include <string.h>

#include <string>
#include <string_view>

#include "environment.h"
#include "utf8.h"

using namespace runts::engine;

extern "C" {

napi_status napi_get_undefined(napi_env env, napi_value* result) {
  return deliver(env, JS_UNDEFINED, result);
}

napi_status napi_get_null(napi_env env, napi_value* result) {
  return deliver(env, JS_NULL, result);
}

napi_status napi_get_boolean(napi_env env, bool value, napi_value* result) {
  return deliver(env, JS_NewBool(env->context, value), result);
}

napi_status napi_create_double(napi_env env, double value, napi_value* result) {
  return deliver(env, JS_NewFloat64(env->context, value), result);
}

napi_status napi_create_bigint_uint64(napi_env env, uint64_t value, napi_value* result) {
  return deliver(env, JS_NewBigUint64(env->context, value), result);
}

napi_status napi_create_string_utf8(napi_env env, const char* text, size_t length, napi_value* result) {
  if (text == nullptr) return finish(env, napi_invalid_arg);
  std::string_view bytes(text, length == NAPI_AUTO_LENGTH ? strlen(text) : length);
  return deliver(env, new_string(env->context, bytes), result);
}

napi_status napi_get_value_bool(napi_env env, napi_value value, bool* result) {
  if (!JS_IsBool(value_of(env, value))) return finish(env, napi_boolean_expected);
  *result = JS_VALUE_GET_BOOL(value_of(env, value)) != 0;
  return finish(env, napi_ok);
}

napi_status napi_get_value_double(napi_env env, napi_value value, double* result) {
  if (!JS_IsNumber(value_of(env, value))) return finish(env, napi_number_expected);
  JS_ToFloat64(env->context, result, value_of(env, value));
  return finish(env, napi_ok);
}

/** The last 64 bits; `lossless` when there are no others. */
napi_status napi_get_value_bigint_uint64(napi_env env, napi_value value, uint64_t* result, bool* lossless) {
  JSValue number = value_of(env, value);
  if (!JS_IsBigInt(env->context, number)) return finish(env, napi_bigint_expected);
  if (JS_ToBigInt64(env->context, reinterpret_cast<int64_t*>(result), number) != 0) return keep_exception(env);
  JSValue again = JS_NewBigUint64(env->context, *result);
  *lossless = JS_StrictEq(env->context, number, again);
  JS_FreeValue(env->context, again);
  return finish(env, napi_ok);
}

napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char* buffer, size_t size, size_t* result) {
  if (!JS_IsString(value_of(env, value))) return finish(env, napi_string_expected);
  size_t length = 0;
  const char* text = JS_ToCStringLen(env->context, &length, value_of(env, value));
  if (text == nullptr) return keep_exception(env);
  if (buffer == nullptr) {
    *result = length;
  } else {
    size_t copied = size == 0 ? 0 : copy_utf8(buffer, size - 1, {text, length});
    if (size > 0) buffer[copied] = '\0';
    if (result != nullptr) *result = copied;
  }
  JS_FreeCString(env->context, text);
  return finish(env, napi_ok);
}

napi_status napi_coerce_to_bool(napi_env env, napi_value value, napi_value* result) {
  int truth = JS_ToBool(env->context, value_of(env, value));
  if (truth < 0) return keep_exception(env);
  return napi_get_boolean(env, truth != 0, result);
}

napi_status napi_typeof(napi_env env, napi_value handle, napi_valuetype* result) {
  JSValue value = value_of(env, handle);
  if (JS_IsUndefined(value))
    *result = napi_undefined;
  else if (JS_IsNull(value))
    *result = napi_null;
  else if (JS_IsBool(value))
    *result = napi_boolean;
  else if (JS_IsNumber(value))
    *result = napi_number;
  else if (JS_IsString(value))
    *result = napi_string;
  else if (JS_IsSymbol(value))
    *result = napi_symbol;
  else if (JS_IsBigInt(env->context, value))
    *result = napi_bigint;
  else
    *result = JS_IsFunction(env->context, value) ? napi_function : napi_object;
  return finish(env, napi_ok);
}

}  // extern "C"
