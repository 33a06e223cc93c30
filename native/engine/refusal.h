#pragma once

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * While the image of the executable is made, its context; else NULL. What a module asks the host for then, every
 * command would be told again: the time, the environment or the process of the build.
 */
extern JSContext* refusing;

/** How often something was refused: a module may catch what is thrown, and the build must fail all the same. */
extern int refusals;

int refuse(const char* what);

/**
 * To be called first by whatever asks the host.
 * @param what it asks for, in English
 * @returns whether it must not, an exception pending and the module's name on stderr then
 */
static inline int refuse_host(const char* what) {
  return refusing != NULL && refuse(what);
}

#ifdef __cplusplus
}
#endif
