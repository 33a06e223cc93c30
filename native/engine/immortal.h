#pragma once

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

void make_immortal(JSContext* context);

#ifdef __cplusplus
}
#endif
