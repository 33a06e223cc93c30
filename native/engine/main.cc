// The executable: src/ on QuickJS, loaded already when it was built (image.h), with the addon linked in. One thread,
// and nothing is read from the file system before the command line is.
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include <algorithm>

#include "../core/start.h"
#include "environment.h"
#include "host.h"
#include "image.h"
#include "load.h"

namespace runts::engine {

namespace {

/** Deep enough for documents of 200 levels, within what the caller's limit leaves. */
size_t stack_size() {
  constexpr size_t wanted = 4 << 20;
  constexpr size_t reserve = 128 << 10;
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::clamp<size_t>(limit.rlim_cur / 2, reserve, wanted);
}

int report(JSContext* context, JSValue error) {
  const char* text = JS_ToCString(context, error);
  fprintf(stderr, "error: %s\n", text == nullptr ? "unknown" : text);
  return 1;
}

/** @returns an exit status only when the program has not ended the process itself */
int run(JSContext* context) {
  JSRuntime* runtime = JS_GetRuntime(context);
  JS_UpdateStackTop(runtime);
  JS_SetMaxStackSize(runtime, stack_size());
  // Hardly any command lives long enough for cycles to matter.
  JS_SetGCThreshold(runtime, 64 << 20);
  environment.context = context;
  JSValue promise = JS_Call(context, image.start, JS_UNDEFINED, 0, nullptr);
  if (JS_IsException(promise)) return report(context, JS_GetException(context));
  JSContext* other = nullptr;
  while (JS_ExecutePendingJob(runtime, &other) > 0) {
  }
  return JS_PromiseState(context, promise) == JS_PROMISE_REJECTED ? report(context, JS_PromiseResult(context, promise))
                                                                  : 1;
}

}  // namespace

}  // namespace runts::engine

int main(int count, char** arguments) {
  using namespace runts::engine;
  set_arguments(arguments);
  if (embedded_modules != nullptr) {
    if (!load(embedded_modules, false)) return 1;
  } else if (!image.filled) {
    // The build's own call, which no executable with an image takes for its own.
    return count >= 3 ? make_image(arguments[1], arguments[2], count == 3) : 1;
  }
  // As in the other engines: a reader that has gone is EPIPE, which the command reports.
  signal(SIGPIPE, SIG_IGN);
  // And RLIMIT_FSIZE of the caller is EFBIG: who is killed cleans nothing up.
  signal(SIGXFSZ, SIG_IGN);
  if (!runts::addon::open_standard_streams()) {
    perror("error: a standard stream is closed, and /dev/null");
    return 1;
  }
  runts::addon::keep_child_status();
  runts::addon::catch_signals_by_mask();
  return run(image.context);
}
