#pragma once

#include <quickjs.h>

namespace runts::engine {

/**
 * Memory for QuickJS: blocks of few sizes, cut one after the other from large pieces, kept for reuse and never given
 * back. A command is over soon and has one thread; malloc(3), which cannot know that, took a quarter of its
 * instructions.
 */
extern const JSMallocFunctions arena;

}  // namespace runts::engine
