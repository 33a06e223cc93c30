// What the parts of the oracle share: a profile as it comes in, and programs of classic BPF.
#pragma once

#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_ARCHITECTURES 8
#define MAX_NAMES 1024
#define MAX_RULES 4096
#define MAX_CONDITIONS 6

/** struct seccomp_data, which the kernel's header has too; libseccomp's does not. */
struct call {
  uint32_t number;
  uint32_t audit;
  uint64_t address;
  uint64_t arguments[6];
};

struct program {
  bool big_endian;
  struct sock_filter instructions[BPF_MAXINSNS * 2];
  size_t length;
};

struct verdict {
  uint32_t action;
  /** Instructions run. */
  unsigned steps;
  /** Bit n: argument n was looked at. */
  unsigned arguments;
};

/** Which architecture a call belongs to; `base` tells x32 from x86_64. */
struct architecture {
  char name[16];
  uint32_t token;
  uint32_t audit;
  uint32_t base;
  bool narrow;
};

/** A name of the profile with its number by architecture (as in the profile's list of them), -1: none. */
struct name {
  char text[32];
  int64_t numbers[MAX_ARCHITECTURES];
  /** Whether this release of libseccomp knows the name at all, and for which architectures. */
  bool known;
  bool known_for[MAX_ARCHITECTURES];
};

struct rule {
  uint32_t action;
  int name;
  struct scmp_arg_cmp conditions[MAX_CONDITIONS];
  unsigned condition_count;
};

struct profile {
  char id[64];
  uint32_t default_action;
  /** Whether calls above the largest number that is named get ENOSYS from the compiler. */
  bool stub;
  /** Byte order of the architectures. */
  bool big_endian;
  struct architecture architectures[MAX_ARCHITECTURES];
  int architecture_count;
  struct name names[MAX_NAMES];
  int name_count;
  struct rule rules[MAX_RULES];
  int rule_count;
  struct program compiled;
};

/** Reads the next profile; false at the end of the input. Malformed input ends the program with status 2. */
bool read_profile(FILE *input, struct profile *profile);
/** Brings the instructions into the byte order of this machine. */
void to_host(struct program *program);
/** Runs a program; a program that the kernel would refuse ends the oracle with status 2. */
struct verdict interpret(const struct program *program, const struct call *call);
/** libseccomp's program for a profile. @return 0 or a negative errno of the library */
int build(const struct profile *profile, struct program *program);
/**
 * Compares both programs, call by call, and prints a line of JSON: how many calls there were of each kind of agreement,
 * with an example of each.
 * @param refused errno by which libseccomp refused the profile, or 0
 */
void compare(struct profile *profile, const struct program *theirs, int refused);
