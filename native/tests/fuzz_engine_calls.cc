// Node-API on QuickJS, by calls of any order on values of any kind, and the bytes that become its strings.
#include <string.h>

#include <string>
#include <vector>

#include "../engine/environment.h"
#include "../engine/image.h"
#include "../engine/utf8.h"
#include "fuzz_engine.h"

using namespace runts::engine;

namespace {

/** Values that calls have made, and references to them. */
struct Pool {
  std::vector<napi_value> values;
  std::vector<napi_ref> references;

  napi_value any(Input& input) const { return values[input.byte() % values.size()]; }

  /** No object, whose words may be those of arrays that hold each other, twice as many with each. */
  napi_value key(napi_env env, Input& input) const {
    const napi_value chosen = any(input);
    napi_valuetype type;
    napi_typeof(env, chosen, &type);
    return type == napi_object ? values.front() : chosen;
  }
};

napi_value answer(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value given[2];
  napi_value self;
  void* closure;
  napi_get_cb_info(env, info, &count, given, &self, &closure);
  if (count > 1) napi_throw(env, given[1]);
  return count > 0 ? given[0] : self;
}

void read_value(napi_env env, napi_value value, Input& input) {
  char text[64];
  size_t size = 0;
  double number;
  uint64_t word;
  bool truth;
  uint32_t length;
  napi_valuetype type;
  napi_typeof(env, value, &type);
  napi_get_value_string_utf8(env, value, text, 1 + input.byte() % sizeof text, &size);
  napi_get_value_string_utf8(env, value, nullptr, 0, &size);
  napi_get_value_double(env, value, &number);
  napi_get_value_bigint_uint64(env, value, &word, &truth);
  napi_get_value_bool(env, value, &truth);
  bool is_array = false;
  napi_is_array(env, value, &is_array);
  if (is_array) napi_get_array_length(env, value, &length);
  bool is_typed = false;
  napi_is_typedarray(env, value, &is_typed);
  if (!is_typed) return;
  napi_typedarray_type kind;
  void* bytes = nullptr;
  size_t count = 0;
  size_t offset = 0;
  napi_value buffer;
  napi_get_typedarray_info(env, value, &kind, &count, &bytes, &buffer, &offset);
  if (count > 0) memset(bytes, input.byte(), count);
}

/** One call; its result joins the pool. */
napi_value call(napi_env env, Pool& pool, Input& input) {
  napi_value made = nullptr;
  const uint8_t chosen = input.byte() % 22;
  const napi_value some = pool.any(input);
  std::string text;
  void* bytes;
  bool truth;
  switch (chosen) {
    case 0:
      napi_create_object(env, &made);
      break;
    case 1:
      napi_create_array(env, &made);
      break;
    case 2:
      napi_create_array_with_length(env, input.byte(), &made);
      break;
    case 3:
      napi_create_double(env, input.byte() - 0.5, &made);
      break;
    case 4:
      napi_create_bigint_uint64(env, ~uint64_t{0} / (1u + input.byte()), &made);
      break;
    case 5:
      text = input.text();
      napi_create_string_utf8(env, text.data(), text.size(), &made);
      break;
    case 6:
      napi_create_arraybuffer(env, input.byte(), &bytes, &made);
      break;
    case 7:
      napi_create_typedarray(env, napi_uint8_array, input.byte(), some, input.byte(), &made);
      break;
    case 8:
      napi_set_element(env, some, input.byte(), pool.any(input));
      break;
    case 9:
      napi_get_element(env, some, input.byte(), &made);
      break;
    case 10:
      text = input.text();
      napi_set_named_property(env, some, text.c_str(), pool.any(input));
      break;
    case 11:
      text = input.text();
      napi_get_named_property(env, some, text.c_str(), &made);
      break;
    case 12:
      napi_get_property(env, some, pool.key(env, input), &made);
      break;
    case 13:
      napi_has_property(env, some, pool.key(env, input), &truth);
      break;
    case 14:
      napi_create_function(env, "f", 1, answer, nullptr, &made);
      break;
    case 15: {
      const napi_value given[] = {pool.any(input), pool.any(input)};
      napi_call_function(env, pool.any(input), some, input.byte() % 3, given, &made);
      break;
    }
    case 16:
      napi_create_error(env, nullptr, some, &made);
      break;
    case 17:
      napi_throw(env, some);
      break;
    case 18: {
      napi_ref reference = nullptr;
      if (napi_create_reference(env, some, 1, &reference) == napi_ok) pool.references.push_back(reference);
      break;
    }
    case 19:
      if (!pool.references.empty()) napi_get_reference_value(env, pool.references.back(), &made);
      break;
    case 20:
      napi_coerce_to_bool(env, some, &made);
      break;
    default:
      read_value(env, some, input);
      break;
  }
  return made;
}

void clear_exception(napi_env env, Pool& pool) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  napi_value error;
  if (pending && napi_get_and_clear_last_exception(env, &error) == napi_ok) pool.values.push_back(error);
}

}  // namespace

void make_calls(Input input) {
  napi_env env = &environment;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  const size_t functions = image.callback_count;
  Pool pool;
  napi_value first;
  napi_get_undefined(env, &first);
  pool.values.push_back(first);
  while (!input.empty()) {
    const napi_value made = call(env, pool, input);
    if (made != nullptr) pool.values.push_back(made);
    clear_exception(env, pool);
  }
  for (napi_ref reference : pool.references) napi_delete_reference(env, reference);
  napi_close_handle_scope(env, scope);
  // There is room for those of the addon and few more.
  image.callback_count = functions;
}

void check_utf8(std::string_view bytes) {
  const std::string mended = well_formed(bytes);
  if (!is_utf8(mended) || (is_utf8(bytes) && mended != bytes)) __builtin_trap();
  if (well_formed(mended) != mended) __builtin_trap();
  std::string copy(bytes.size() / 2, '\0');
  copy.resize(copy_utf8(copy.data(), copy.size(), mended));
  if (mended.compare(0, copy.size(), copy) != 0 || !is_utf8(copy)) __builtin_trap();
}
