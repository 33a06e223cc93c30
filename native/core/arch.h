#pragma once

// The only place that knows the processor: how a system call is made and how a process begins.

#if !defined(__x86_64__)
#error "native/core/arch.h: add system call and entry point for this processor"
#endif

namespace runts {

inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace runts

/**
 * Defines _start: calls `function(long* stack)` with stack[0] = argc and stack[1] the first argument. The function must
 * not return.
 */
#define RUNTS_ENTRY(function)               \
  asm(".pushsection .text._start, \"ax\"\n" \
      ".globl _start\n"                     \
      ".type _start, @function\n"           \
      "_start:\n"                           \
      "  xor %ebp, %ebp\n"                  \
      "  mov %rsp, %rdi\n"                  \
      "  and $-16, %rsp\n"                  \
      "  call " #function                   \
      "\n"                                  \
      "  hlt\n"                             \
      ".size _start, . - _start\n"          \
      ".popsection\n")
