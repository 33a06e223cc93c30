#pragma once

// The only place that knows the processor: how a system call is made, how a process, a thread and a child begin.

#if defined(__x86_64__) && defined(__LP64__)
#include "arch_x86_64.h"
#elif defined(__aarch64__) && defined(__LP64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include "arch_aarch64.h"
#else
#error \
    "runts runs on x86_64 and on aarch64 (little-endian): for another processor native/core/arch.h wants a file like theirs"
#endif

#ifdef __SANITIZE_ADDRESS__
/** In a program with a C library, which hands over the arguments where the kernel has put them, behind their number. */
#define RUNTS_ENTRY(function)                    \
  extern "C" int main(int, char** argv) {        \
    function(reinterpret_cast<long*>(argv) - 1); \
  }
#else
/**
 * Defines _start: calls `function(long* stack)` with stack[0] = argc and stack[1] the first argument. The function must
 * not return.
 */
#define RUNTS_ENTRY(function) \
  asm(".pushsection .text._start, \"ax\"\n" \
      ".globl _start\n"                     \
      ".type _start, %function\n"           \
      "_start:\n" RUNTS_ENTRY_CODE(#function) ".size _start, . - _start\n" \
      ".popsection\n")
#endif
