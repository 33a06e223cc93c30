#include "host.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <string>

#include "refusal.h"
#include "utf8.h"

namespace runts::engine {

namespace {

/** Null-terminated, of this process. */
char** command_line = nullptr;

JSValue list_arguments(JSContext* context, JSValue, int, JSValue*) {
  if (refuse_host("the command line")) return JS_EXCEPTION;
  JSValue array = JS_NewArray(context);
  for (uint32_t i = 0; command_line[i] != nullptr; i++)
    JS_SetPropertyUint32(context, array, i, new_string(context, command_line[i]));
  return array;
}

/** The first of two equal names counts, as getenv(3) has it. */
JSValue environment_table(JSContext* context, JSValue, int, JSValue*) {
  if (refuse_host("the environment")) return JS_EXCEPTION;
  JSValue table = JS_NewObjectProto(context, JS_NULL);
  for (char** entry = environ; *entry != nullptr; entry++) {
    const char* equals = strchr(*entry, '=');
    if (equals == nullptr || equals == *entry) continue;
    JSValue text = new_string(context, {*entry, equals});
    JSAtom name = JS_ValueToAtom(context, text);
    JS_FreeValue(context, text);
    if (JS_HasProperty(context, table, name) == 0)
      JS_SetProperty(context, table, name, new_string(context, equals + 1));
    JS_FreeAtom(context, name);
  }
  return table;
}

JSValue own_pid(JSContext* context, JSValue, int, JSValue*) {
  if (refuse_host("its pid")) return JS_EXCEPTION;
  return JS_NewInt32(context, getpid());
}

JSValue working_directory(JSContext* context, JSValue, int, JSValue*) {
  if (refuse_host("the working directory")) return JS_EXCEPTION;
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == nullptr) return JS_ThrowInternalError(context, "getcwd: %s", strerror(errno));
  return new_string(context, path);
}

JSValue parent(JSContext* context, JSValue, int, JSValue*) {
  if (refuse_host("its parent's pid")) return JS_EXCEPTION;
  return JS_NewInt32(context, getppid());
}

JSValue write_error(JSContext* context, JSValue, int, JSValue* values) {
  if (refuse_host("its standard error")) return JS_EXCEPTION;
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
  std::string bytes(length, '\0');
  bytes.resize(copy_utf8(bytes.data(), length, {text, length}));
  JS_FreeCString(context, text);
  return new_bytes(context, bytes);
}

/** The bytes of a Uint8Array, where they lie; no data and an exception pending when it is none. */
struct Bytes {
  char* data = nullptr;
  size_t size = 0;
};

Bytes bytes_of(JSContext* context, JSValue array) {
  Bytes bytes;
  size_t offset = 0;
  size_t whole = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(context, array, &offset, &bytes.size, nullptr);
  if (JS_IsException(buffer)) return {};
  bytes.data = reinterpret_cast<char*>(JS_GetArrayBuffer(context, &whole, buffer)) + offset;
  // The array holds its buffer.
  JS_FreeValue(context, buffer);
  return bytes;
}

/** encodeInto(string, Uint8Array): the number of bytes, whole characters as far as there is room. */
JSValue encode_into(JSContext* context, JSValue, int, JSValue* values) {
  Bytes target = bytes_of(context, values[1]);
  if (target.data == nullptr) return JS_EXCEPTION;
  size_t length = 0;
  const char* text = JS_ToCStringLen(context, &length, values[0]);
  if (text == nullptr) return JS_EXCEPTION;
  size_t copied = copy_utf8(target.data, target.size, {text, length});
  JS_FreeCString(context, text);
  return JS_NewInt64(context, static_cast<int64_t>(copied));
}

/** decode(Uint8Array, fatal): undefined for what is not UTF-8, when it must be. */
JSValue decode(JSContext* context, JSValue, int, JSValue* values) {
  Bytes source = bytes_of(context, values[0]);
  if (source.data == nullptr) return JS_EXCEPTION;
  std::string_view text(source.data, source.size);
  bool refused = JS_ToBool(context, values[1]) == 1 && !is_utf8(text);
  return refused ? JS_UNDEFINED : new_string(context, text);
}

}  // namespace

void set_arguments(char** arguments) {
  command_line = arguments;
}

void add_host(JSContext* context, JSValue engine) {
  auto add = [&](const char* name, JSCFunction* function, int length) {
    JS_SetPropertyStr(context, engine, name, JS_NewCFunction(context, function, name, length));
  };
  add("arguments", list_arguments, 0);
  add("environment", environment_table, 0);
  add("pid", own_pid, 0);
  add("parent", parent, 0);
  add("workingDirectory", working_directory, 0);
  add("writeError", write_error, 1);
  add("encode", encode, 1);
  add("encodeInto", encode_into, 2);
  add("decode", decode, 2);
}

}  // namespace runts::engine
