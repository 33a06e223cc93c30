#pragma once

// The only place that knows the processor: how a system call is made and how a process begins.

#if !defined(__x86_64__)
#error "native/core/arch.h: add system call and entry point for this processor"
#endif

namespace runts {

#ifdef __clang_analyzer__
/** The analyzer knows of memory that a function may write to, and nothing of what assembler does. */
long raw_syscall(long number, long a, long b, long c, long d, long e, long f);
#else
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
#endif

/**
 * clone(2) of a thread that calls `function(argument)` on a stack of its own; the function must not return.
 * @param top end of the stack, a multiple of 16
 * @param tid set to the thread's id and, with CLONE_CHILD_CLEARTID, to 0 at its end
 * @return the id or -errno
 */
inline long raw_thread(unsigned long flags, char* top, int* tid, void (*function)(void*), void* argument) {
  auto* start = reinterpret_cast<void**>(top) - 2;
  start[0] = reinterpret_cast<void*>(function);
  start[1] = argument;
  register int* r10 asm("r10") = tid;
  register long r8 asm("r8") = 0;
  long result;
  asm volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "xor %%ebp, %%ebp\n"
      "pop %%rax\n"
      "pop %%rdi\n"
      "call *%%rax\n"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(56 /* __NR_clone */), "D"(flags), "S"(start), "d"(tid), "r"(r10), "r"(r8)
      : "rcx", "r11", "memory");
  return result;
}

/** Says to the processor that this is a loop that waits for another one. */
inline void relax() {
  asm volatile("pause" ::: "memory");
}

}  // namespace runts

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
#endif
