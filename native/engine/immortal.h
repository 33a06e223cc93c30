#pragma once

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes everything that QuickJS holds live for ever, with a reference count that stays as it is (reference_count.h).
 * For the image of the executable: counting writes to whatever is used, and two thirds of the page faults of a command
 * were copies of the pages that the counts lay in. Also makes the built-in functions that otherwise come into being
 * when they are first asked for.
 */
void make_immortal(JSContext* context);

/** Forgets where the stack is. JS_UpdateStackTop and JS_SetMaxStackSize say it again. */
void forget_process(JSContext* context);

#ifdef __cplusplus
}
#endif
