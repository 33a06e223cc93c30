#pragma once

#include <node_api.h>
#include <quickjs.h>

#include <cstddef>

#include "arena.h"

namespace runts::engine {

/** A function of the addon; JavaScript knows it by its place. */
struct Callback {
  napi_callback call;
  void* closure;
};

/**
 * The engine after it has loaded everything: the memory of QuickJS and what refers to it, in a section of the
 * executable that the build fills with what one run of the same program left there. So a command starts where loading
 * ends, and the kernel brings in only the pages it touches. What makes that possible: the executable is linked to fixed
 * addresses, and nothing here points anywhere but into it: made by
 * two processes it is the same, byte for byte (scripts/image.js).
 */
struct Image {
  /** Whether the build has filled it. */
  bool filled;
  JSContext* context;
  /** The function that carries out the command line. */
  JSValue start;

  static constexpr size_t CALLBACKS = 256;
  Callback callbacks[CALLBACKS];
  size_t callback_count;

  /** Takes from `heap` until the image is filled. */
  Arena arena;

  static constexpr size_t HEAP = 4 << 20;
  alignas(4096) char heap[HEAP];
};

extern Image image;

/**
 * Fills the image by loading the modules of a file that compile.cc wrote, and writes it to another. Tells on stdout
 * which addresses this process had. Unless `immortal`, references to what is in it are counted as to anything else.
 * @returns an exit status
 */
int make_image(const char* modules, const char* output, bool immortal);

}  // namespace runts::engine
