#include "error.h"

#include <new>

#include "errno.gen.h"

namespace runts::addon {

namespace {

const Errno* find(int error) {
  for (const Errno& known : ERRNOS) {
    if (known.number == error) return &known;
  }
  return nullptr;
}

std::string words(int error) {
  const Errno* known = find(error);
  return known == nullptr ? std::string("unknown error ").append(std::to_string(error)) : known->text;
}

}  // namespace

void fail(const char* syscall, const char* path) {
  throw SystemError{errno, syscall, path ? path : "", ""};
}

std::string errno_name(int error) {
  const Errno* known = find(error);
  return known == nullptr ? std::string("E").append(std::to_string(error)) : known->name;
}

Napi::Error to_javascript(Napi::Env env, const SystemError& error) {
  std::string code = errno_name(error.error);
  std::string message = code + ": " + words(error.error) + ", " + error.syscall;
  if (!error.path.empty()) message += " '" + error.path + "'";
  if (!error.detail.empty()) message += ": " + error.detail;
  Napi::Error result = Napi::Error::New(env, message);
  result.Set("code", code);
  result.Set("errno", static_cast<double>(error.error));
  result.Set("syscall", error.syscall);
  if (!error.path.empty()) result.Set("path", error.path);
  return result;
}

Napi::Error out_of_memory(Napi::Env env) {
  try {
    // Where every C library gets what it hands out.
    return to_javascript(env, SystemError{ENOMEM, "mmap", "", ""});
  } catch (const std::bad_alloc&) {
    return Napi::Error::New(env, "out of memory");
  }
}

}  // namespace runts::addon
