#pragma once

#include <quickjs.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

/** What is left of an input; nothing but zeros behind its end. */
struct Input {
  const uint8_t* at;
  const uint8_t* end;

  uint8_t byte() { return at < end ? *at++ : uint8_t{0}; }
  bool empty() const { return at >= end; }
  /** As many bytes as the next one says. */
  std::string_view text() {
    const size_t size = byte();
    const size_t there = static_cast<size_t>(end - at);
    const std::string_view found(reinterpret_cast<const char*>(at), size < there ? size : there);
    at += found.size();
    return found;
  }
};

/** `messages(bytes)`, which fuzzed/events.ts explains. */
JSValue make_messages(JSContext* context, JSValue self, int count, JSValue* values);

/** Calls of Node-API as the input has them. */
void make_calls(Input input);

/** Text of any bytes: is it UTF-8, what becomes of it when it is made so, and when it is cut. */
void check_utf8(std::string_view bytes);
