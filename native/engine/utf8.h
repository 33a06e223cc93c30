#pragma once

#include <quickjs.h>

#include <string>
#include <string_view>

namespace runts::engine {

/** Bytes of one well-formed character at the start of `text` (Unicode, table 3-7), 0 when there is none. */
size_t character_length(std::string_view text);

bool is_utf8(std::string_view text);

/** With U+FFFD for what is not UTF-8, as TextDecoder has it: one for each longest beginning of a character. */
std::string well_formed(std::string_view text);

/** A string of bytes from outside, which need not be UTF-8. */
JSValue new_string(JSContext* context, std::string_view text);

/** Copies whole characters of what QuickJS made of a string, U+FFFD for lone surrogates; returns the number of bytes.
 */
size_t copy_utf8(char* to, size_t room, std::string_view from);

}  // namespace runts::engine
