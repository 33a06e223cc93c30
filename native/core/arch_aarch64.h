#pragma once

// aarch64, for arch.h alone; what the functions are for is said in arch_x86_64.h.

namespace runts {

#ifdef __clang_analyzer__
long raw_syscall(long number, long a, long b, long c, long d, long e, long f);
#else
inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#endif

inline long raw_thread(unsigned long flags, char* top, int* tid, void (*function)(void*), void* argument) {
  auto* start = reinterpret_cast<void**>(top) - 2;
  start[0] = reinterpret_cast<void*>(function);
  start[1] = argument;
  // Here the thread's own pointer comes before the second place for its id.
  register long x8 asm("x8") = 220 /* __NR_clone */;
  register long x0 asm("x0") = static_cast<long>(flags);
  register void** x1 asm("x1") = start;
  register int* x2 asm("x2") = tid;
  register long x3 asm("x3") = 0;
  register int* x4 asm("x4") = tid;
  asm volatile(
      "svc #0\n"
      "cbnz x0, 1f\n"
      "mov x29, #0\n"
      "ldp x1, x0, [sp], #16\n"
      "blr x1\n"
      "brk #0\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
      : "memory", "cc");
  return x0;
}

inline long raw_child(const void* arguments, unsigned long size, int (*entry)(void*), void* argument) {
  register long x8 asm("x8") = 435 /* __NR_clone3 */;
  register long x0 asm("x0") = reinterpret_cast<long>(arguments);
  register unsigned long x1 asm("x1") = size;
  asm volatile(
      "svc #0\n"
      "cbnz x0, 1f\n"
      "mov x0, %[argument]\n"
      "blr %[entry]\n"
      "mov x8, %[exit]\n"
      "svc #0\n"
      "1:\n"
      : "+r"(x0)
      : "r"(x8), "r"(x1), [entry] "r"(entry), [argument] "r"(argument), [exit] "i"(93 /* __NR_exit */)
      : "memory", "cc");
  return x0;
}

inline void relax() {
  asm volatile("yield" ::: "memory");
}

}  // namespace runts

#define RUNTS_ENTRY_CODE(function)      \
  "  mov x29, #0\n"                     \
  "  mov x30, #0\n"                     \
  "  mov x0, sp\n"                      \
  "  and sp, x0, #0xfffffffffffffff0\n" \
  "  bl " function                      \
  "\n"                                  \
  "  brk #0\n"
