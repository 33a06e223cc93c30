#pragma once

#include <linux/errno.h>

#include "text.h"
#include "types.h"

namespace runts {

/** Most bytes of detail that travel in one event. */
constexpr u64 DETAIL_SIZE = 3900;

/** What went wrong, in words for TypeScript: a path, an option, a program's output. One buffer, the last failure wins.
 */
Text<DETAIL_SIZE>& detail_buffer();

/** Outcome of one operation. `error` is a positive errno or 0; `syscall` and `detail` mean something only with an
 * error. */
struct [[nodiscard]] Result {
  i32 error = 0;
  const char* syscall = "";
  const char* detail = "";

  bool ok() const { return error == 0; }
};

inline Result ok() {
  return {};
}

/** A failure of `syscall` with the kernel's negative (or a positive) errno. */
inline Result fail(long error, const char* syscall) {
  return {static_cast<i32>(error < 0 ? -error : error), syscall, ""};
}

/** A failure with a detail, which is copied. */
inline Result fail(long error, const char* syscall, Str detail) {
  auto& buffer = detail_buffer();
  // A detail that was built in the buffer itself stays where it is.
  if (detail.data != buffer.c_str()) {
    buffer.clear();
    buffer.add(detail);
  }
  return {static_cast<i32>(error < 0 ? -error : error), syscall, buffer.c_str()};
}

inline Result fail(long error, const char* syscall, const char* detail) {
  return fail(error, syscall, str(detail));
}

}  // namespace runts

/** Hands a failure on to the caller. */
#define TRY(expression)                                                                 \
  do {                                                                                  \
    if (::runts::Result try_result = (expression); !try_result.ok()) return try_result; \
  } while (0)

/** Hands the failure of a system call (negative value) on to the caller; further arguments are those of fail(). */
#define TRY_SYS(expression, ...)                                                                    \
  do {                                                                                              \
    if (long try_value = (expression); try_value < 0) return ::runts::fail(try_value, __VA_ARGS__); \
  } while (0)
