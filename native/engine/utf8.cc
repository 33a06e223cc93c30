#include "utf8.h"

#include <string.h>

#include <algorithm>

namespace runts::engine {

namespace {

constexpr char replacement[] = "\xef\xbf\xbd";

struct Lead {
  size_t length;
  /** Range of the second byte: leaves out overlong forms, surrogates and what is above U+10FFFF. */
  unsigned char least;
  unsigned char most;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2 || byte > 0xf4) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte < 0xf0)
    return {3, static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
            static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
  return {4, static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
          static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
}

/** Bytes that begin a character, at most the whole of it. */
size_t matching(std::string_view text, const Lead& lead) {
  size_t length = 1;
  while (length < lead.length && length < text.size()) {
    auto byte = static_cast<unsigned char>(text[length]);
    bool second = length == 1;
    if (byte < (second ? lead.least : 0x80) || byte > (second ? lead.most : 0xbf)) break;
    length++;
  }
  return length;
}

size_t ascii_length(std::string_view text) {
  auto other =
      std::find_if(text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
  return static_cast<size_t>(other - text.begin());
}

}  // namespace

size_t character_length(std::string_view text) {
  if (text.empty()) return 0;
  Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  return lead.length != 0 && matching(text, lead) == lead.length ? lead.length : 0;
}

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_length(text)); !text.empty();) {
    size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string well_formed(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    Lead lead = lead_of(static_cast<unsigned char>(text[0]));
    size_t length = matching(text, lead);
    if (length == lead.length)
      result.append(text.substr(0, length));
    else
      result.append(replacement);
    text.remove_prefix(length);
  }
  return result;
}

JSValue new_string(JSContext* context, std::string_view text) {
  if (is_utf8(text)) return JS_NewStringLen(context, text.data(), text.size());
  std::string mended = well_formed(text);
  return JS_NewStringLen(context, mended.data(), mended.size());
}

size_t copy_utf8(char* to, size_t room, std::string_view from) {
  size_t copied = 0;
  while (!from.empty()) {
    size_t length = std::min(ascii_length(from), room - copied);
    const char* source = from.data();
    if (length == 0) {
      length = character_length(from);
      // QuickJS writes a lone surrogate in three bytes, as if it were a character.
      if (length == 0) {
        length = 3;
        source = replacement;
      }
      if (length > room - copied) break;
    }
    memcpy(to + copied, source, length);
    copied += length;
    from.remove_prefix(std::min(length, from.size()));
    if (copied == room) break;
  }
  return copied;
}

}  // namespace runts::engine
