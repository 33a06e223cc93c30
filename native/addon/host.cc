/** What the runtime process and the machine are. */
#include <errno.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "exports.h"

namespace runts::addon {

namespace {

Napi::Value set_subreaper(const Napi::CallbackInfo& info) {
  int before = 0;
  check(prctl(PR_GET_CHILD_SUBREAPER, &before, 0UL, 0UL, 0UL), "prctl");
  check(prctl(PR_SET_CHILD_SUBREAPER, arguments::boolean(info[0]) ? 1UL : 0UL, 0UL, 0UL, 0UL), "prctl");
  return Napi::Boolean::New(info.Env(), before != 0);
}

Napi::Value effective_uid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ::geteuid());
}

Napi::Value effective_gid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ::getegid());
}

Napi::Value own_pid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ::getpid());
}

Napi::Value exit_now(const Napi::CallbackInfo& info) {
  ::_exit(arguments::int32(info[0]));
}

/** In microseconds. */
double read_clock(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/** Of the executable, which the addon is part of: nearly its first instruction. */
const double loaded_at = read_clock(CLOCK_REALTIME);

Napi::Value now(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), read_clock(CLOCK_REALTIME));
}

Napi::Value monotonic(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), read_clock(CLOCK_MONOTONIC) / 1e3);
}

Napi::Value when_loaded(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), loaded_at);
}

Napi::Value bounding_capabilities(const Napi::CallbackInfo& info) {
  uint64_t held = 0;
  int last = -1;
  for (int capability = 0; capability < 64; capability++) {
    int present = prctl(PR_CAPBSET_READ, static_cast<unsigned long>(capability), 0UL, 0UL, 0UL);
    // The first number that the kernel does not know ends the list; whoever denies the very first is not the kernel.
    if (present < 0 && errno == EINVAL && capability > 0) break;
    check(present, "prctl(PR_CAPBSET_READ)");
    if (present > 0) held |= uint64_t{1} << capability;
    last = capability;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("held", Napi::BigInt::New(info.Env(), held));
  result.Set("last", last);
  return result;
}

utsname ask_uname() {
  utsname names;
  check(::uname(&names), "uname");
  return names;
}

/** What this is compiled for, as uname(2) names it: its own answer is another one for who has the personality of 32
 * bits (setarch(8)). */
const char* own_machine(const utsname& names) {
#if defined(__x86_64__) && defined(__LP64__)
  (void)names;
  return "x86_64";
#elif defined(__aarch64__)
  (void)names;
  return "aarch64";
#else
  return names.machine;
#endif
}

Napi::Value uname_parts(const Napi::CallbackInfo& info) {
  utsname names = ask_uname();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("release", names.release);
  result.Set("machine", own_machine(names));
  return result;
}

}  // namespace

void add_host(Napi::Object exports) {
  add<set_subreaper>(exports, "setSubreaper");
  add<effective_uid>(exports, "geteuid");
  add<effective_gid>(exports, "getegid");
  add<own_pid>(exports, "getpid");
  add<exit_now>(exports, "exit");
  add<now>(exports, "now");
  add<monotonic>(exports, "monotonic");
  add<when_loaded>(exports, "loadedAt");
  add<bounding_capabilities>(exports, "boundingCapabilities");
  add<uname_parts>(exports, "uname");
}

}  // namespace runts::addon
