#pragma once

#include <errno.h>
#include <napi.h>

#include <string>

namespace runts::addon {

/** A system call failed. Thrown by the kernel code of the addon and turned into a JavaScript Error where the call came
 * in. */
struct SystemError {
  int error;
  const char* syscall;
  std::string path;
  /** More words for the message, e.g. the verifier's log. */
  std::string detail;
};

/** Throws the SystemError of errno. */
[[noreturn]] void fail(const char* syscall, const char* path = nullptr);

/** Throws when `result` is negative, with errno as the reason. */
inline long check(long result, const char* syscall, const char* path = nullptr) {
  if (result < 0) fail(syscall, path);
  return result;
}

/** Repeats a system call that a signal handler of the JavaScript engine interrupts. */
template <class Call>
auto retry(Call call) {
  for (;;) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

/** Symbolic name of an errno, e.g. "ENOENT". */
std::string errno_name(int error);

/** The Error with `code`, `errno`, `syscall` and, where there is one, `path`. */
Napi::Error to_javascript(Napi::Env env, const SystemError& error);

/** The same where there was no memory; less is said where there is none for that either. */
Napi::Error out_of_memory(Napi::Env env);

}  // namespace runts::addon
