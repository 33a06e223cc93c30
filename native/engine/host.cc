#include "host.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <string>

#include "utf8.h"

namespace runts::engine {

namespace {

JSValue list(JSContext* context, char** strings) {
  JSValue array = JS_NewArray(context);
  for (uint32_t i = 0; strings[i] != nullptr; i++)
    JS_SetPropertyUint32(context, array, i, new_string(context, strings[i]));
  return array;
}

JSValue working_directory(JSContext* context, JSValue, int, JSValue*) {
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == nullptr) return JS_ThrowInternalError(context, "getcwd: %s", strerror(errno));
  return new_string(context, path);
}

JSValue parent(JSContext* context, JSValue, int, JSValue*) {
  return JS_NewInt32(context, getppid());
}

JSValue write_error(JSContext* context, JSValue, int, JSValue* values) {
  size_t length = 0;
  const char* text = JS_ToCStringLen(context, &length, values[0]);
  if (text == nullptr) return JS_EXCEPTION;
  bool written = write(STDERR_FILENO, text, length) >= 0;
  JS_FreeCString(context, text);
  return JS_NewBool(context, written);
}

JSValue new_bytes(JSContext* context, std::string_view bytes) {
  JSValue buffer = JS_NewArrayBufferCopy(context, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (JS_IsException(buffer)) return buffer;
  // All three arguments are read, however many are announced.
  JSValue arguments[] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
  JSValue array = JS_NewTypedArray(context, 3, arguments, JS_TYPED_ARRAY_UINT8);
  JS_FreeValue(context, buffer);
  return array;
}

JSValue encode(JSContext* context, JSValue, int, JSValue* values) {
  size_t length = 0;
  const char* text = JS_ToCStringLen(context, &length, values[0]);
  if (text == nullptr) return JS_EXCEPTION;
  JSValue result;
  if (is_utf8({text, length})) {
    result = new_bytes(context, {text, length});
  } else {
    std::string mended(length, '\0');
    mended.resize(copy_utf8(mended.data(), length, {text, length}));
    result = new_bytes(context, mended);
  }
  JS_FreeCString(context, text);
  return result;
}

/** encodeInto(string, Uint8Array): the number of bytes, whole characters as far as there is room. */
JSValue encode_into(JSContext* context, JSValue, int, JSValue* values) {
  size_t offset = 0;
  size_t room = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(context, values[1], &offset, &room, nullptr);
  if (JS_IsException(buffer)) return buffer;
  size_t length = 0;
  const char* text = JS_ToCStringLen(context, &length, values[0]);
  size_t whole = 0;
  auto* bytes = reinterpret_cast<char*>(JS_GetArrayBuffer(context, &whole, buffer));
  JSValue result = JS_EXCEPTION;
  if (text != nullptr)
    result = JS_NewInt64(context, static_cast<int64_t>(copy_utf8(bytes + offset, room, {text, length})));
  JS_FreeCString(context, text);
  JS_FreeValue(context, buffer);
  return result;
}

/** decode(Uint8Array, fatal): undefined for what is not UTF-8, when it must be. */
JSValue decode(JSContext* context, JSValue, int, JSValue* values) {
  size_t offset = 0;
  size_t length = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(context, values[0], &offset, &length, nullptr);
  if (JS_IsException(buffer)) return buffer;
  size_t whole = 0;
  const uint8_t* bytes = JS_GetArrayBuffer(context, &whole, buffer);
  std::string_view text(reinterpret_cast<const char*>(bytes) + offset, length);
  bool refused = JS_ToBool(context, values[1]) == 1 && !is_utf8(text);
  JSValue result = refused ? JS_UNDEFINED : new_string(context, text);
  JS_FreeValue(context, buffer);
  return result;
}

}  // namespace

void add_host(JSContext* context, int, char** arguments) {
  JSValue global = JS_GetGlobalObject(context);
  JSValue engine = JS_NewObject(context);
  JS_SetPropertyStr(context, engine, "arguments", list(context, arguments));
  JS_SetPropertyStr(context, engine, "environment", list(context, environ));
  JS_SetPropertyStr(context, engine, "pid", JS_NewInt32(context, getpid()));
  JS_SetPropertyStr(context, engine, "parent", JS_NewCFunction(context, parent, "parent", 0));
  JS_SetPropertyStr(context, engine, "workingDirectory",
                    JS_NewCFunction(context, working_directory, "workingDirectory", 0));
  JS_SetPropertyStr(context, engine, "writeError", JS_NewCFunction(context, write_error, "writeError", 1));
  JS_SetPropertyStr(context, engine, "encode", JS_NewCFunction(context, encode, "encode", 1));
  JS_SetPropertyStr(context, engine, "encodeInto", JS_NewCFunction(context, encode_into, "encodeInto", 2));
  JS_SetPropertyStr(context, engine, "decode", JS_NewCFunction(context, decode, "decode", 2));
  JS_SetPropertyStr(context, global, "engine", engine);
  JS_FreeValue(context, global);
}

}  // namespace runts::engine
