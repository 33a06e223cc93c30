#pragma once

#include "context.h"

namespace runts {

/** Nanoseconds of CLOCK_REALTIME, the one clock that is the same in every time namespace. */
u64 trace_clock();

/** Reports the step that has just ended, when it began at `start`. */
void trace_step(Context& context, u64 start);

}  // namespace runts
