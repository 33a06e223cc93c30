#pragma once

#include "../core/wire.h"
#include "context.h"

namespace runts {

/** Step number of failures that belong to no step. */
constexpr u32 NO_STEP = 0xffffffff;

/** Runs the plan; returns never. */
[[noreturn]] void run_stages(Context& context, const Reader& plan);

/** Reports a failure and ends the process with status 1. */
[[noreturn]] void fail_and_exit(Context& context, const Result& result);

}  // namespace runts
