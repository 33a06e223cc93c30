#pragma once

// x86_64, for arch.h alone.

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

/**
 * clone3(2) of a child on a stack of its own, which exits with what `entry(argument)` returns. It goes on with our
 * registers and an empty stack, so that it can do nothing else.
 * @param arguments a clone_args with a stack, `size` bytes
 * @return the child's id or -errno
 */
inline long raw_child(const void* arguments, unsigned long size, int (*entry)(void*), void* argument) {
  long result = 435 /* __NR_clone3 */;
  asm volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "mov %[argument], %%rdi\n"
      "call *%[entry]\n"
      "mov %%eax, %%edi\n"
      "mov %[exit], %%eax\n"
      "syscall\n"
      "1:\n"
      : "+a"(result)
      : "D"(arguments), "S"(size), [entry] "r"(entry), [argument] "r"(argument), [exit] "i"(60 /* __NR_exit */)
      : "rcx", "r11", "memory", "cc");
  return result;
}

/** Says to the processor that this is a loop that waits for another one. */
inline void relax() {
  asm volatile("pause" ::: "memory");
}

}  // namespace runts

/** Of _start: calls `function` with the address of what the kernel left on the stack. */
#define RUNTS_ENTRY_CODE(function) \
  "  xor %ebp, %ebp\n"             \
  "  mov %rsp, %rdi\n"             \
  "  and $-16, %rsp\n"             \
  "  call " function               \
  "\n"                             \
  "  hlt\n"
