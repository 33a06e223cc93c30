// Classic BPF as seccomp runs it: what of it libseccomp and the compiler use, and the kernel's checks.
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

static void refuse(const char *why, size_t at) {
  fprintf(stderr, "oracle: the kernel would refuse instruction %zu: %s\n", at, why);
  exit(2);
}

/** Offset of a word of a call on this machine: the halves of an argument lie the other way round in the other byte
 * order. */
static uint32_t place(const struct program *program, uint32_t offset) {
  return program->big_endian && offset >= 8 ? offset ^ 4 : offset;
}

void to_host(struct program *program) {
  for (size_t i = 0; program->big_endian && i < program->length; i++) {
    struct sock_filter *instruction = &program->instructions[i];
    instruction->code = __builtin_bswap16(instruction->code);
    instruction->k = __builtin_bswap32(instruction->k);
  }
}

struct verdict interpret(const struct program *program, const struct call *call) {
  struct verdict verdict = {0};
  uint32_t accumulator = 0;
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *now = &program->instructions[at];
    verdict.steps++;
    switch (now->code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (now->k % 4 != 0 || now->k >= sizeof(*call)) refuse("load", at);
        memcpy(&accumulator, (const uint8_t *)call + place(program, now->k), sizeof(accumulator));
        if (now->k >= 16) verdict.arguments |= 1u << ((now->k - 16) / 8);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= now->k;
        break;
      case BPF_JMP | BPF_JA:
        at += now->k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == now->k ? now->jt : now->jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += accumulator > now->k ? now->jt : now->jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= now->k ? now->jt : now->jf;
        break;
      case BPF_RET | BPF_K:
        verdict.action = now->k;
        return verdict;
      default:
        refuse("code", at);
    }
  }
  refuse("no return", program->length);
  return verdict;
}
