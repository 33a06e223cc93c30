// Calls every number of every architecture in both programs, with boundary values in the arguments that either looks
// at, and sorts the differences by what the profile itself says of the call.
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define LAST_NUMBER 1100
#define MAX_VALUES 96
#define MAX_CALLS 1500

static const char *const kind_names[KINDS] = {"same",    "stub",  "newer",   "multiplexed",
                                              "swapped", "fault", "overlap", "wrong"};

struct finding {
  unsigned long count;
  struct call example;
  uint32_t ours, theirs;
};

struct comparison {
  const struct profile *profile;
  const struct program *theirs;
  struct finding findings[KINDS];
  unsigned long table_differences;
  char table_example[96];
};

static void compare_call(struct comparison *state, int architecture, const struct call *call, uint32_t ours,
                         uint32_t theirs) {
  struct finding *finding = &state->findings[judge(state->profile, architecture, call, ours, theirs)];
  if (finding->count++ > 0) return;
  finding->example = *call;
  finding->ours = ours;
  finding->theirs = theirs;
}

static int add_value(uint64_t *values, int count, uint64_t value) {
  for (int i = 0; i < count; i++) {
    if (values[i] == value) return count;
  }
  if (count < MAX_VALUES) values[count++] = value;
  return count;
}

/** Values of one argument at which a rule for the call may begin or cease to match, in either half of the register. */
static int boundary_values(const struct profile *profile, int architecture, uint32_t number, unsigned argument,
                           uint64_t *values) {
  int count = add_value(values, 0, 0);
  count = add_value(values, count, UINT64_MAX);
  for (int i = 0; i < profile->rule_count; i++) {
    const struct rule *rule = &profile->rules[i];
    if (profile->names[rule->name].numbers[architecture] != number) continue;
    for (unsigned j = 0; j < rule->condition_count; j++) {
      const struct scmp_arg_cmp *condition = &rule->conditions[j];
      if (condition->arg != argument) continue;
      uint64_t at = condition->datum_a;
      if (condition->op == SCMP_CMP_MASKED_EQ) {
        at = condition->datum_a & condition->datum_b;
        count = add_value(values, count, at | ~condition->datum_a);
        count = add_value(values, count, at ^ (condition->datum_a & -condition->datum_a));
      }
      const uint64_t near[] = {
          at, at - 1, at + 1, at ^ (1ull << 32), at & UINT32_MAX, at - (1ull << 32), at + (1ull << 32)};
      for (unsigned k = 0; k < sizeof(near) / sizeof(*near); k++) count = add_value(values, count, near[k]);
    }
  }
  return count;
}

/** Every combination of boundary values; where there are too many, as many of them drawn by a fixed rule. */
static void compare_arguments(struct comparison *state, int architecture, struct call call, unsigned arguments) {
  static uint64_t values[6][MAX_VALUES];
  int counts[6];
  unsigned long combinations = 1;
  for (unsigned i = 0; i < 6; i++) {
    counts[i] =
        (arguments >> i & 1) != 0 ? boundary_values(state->profile, architecture, call.number, i, values[i]) : 1;
    if (counts[i] == 1) values[i][0] = 0;
    // The first argument of a multiplexer is the number of the call behind it.
    for (uint64_t n = 1; i == 0 && counts[0] > 1 && n < 26; n++) counts[0] = add_value(values[0], counts[0], n);
    combinations *= (unsigned long)counts[i];
  }
  uint64_t seed = call.number;
  for (unsigned long n = 0; n < combinations && n < MAX_CALLS; n++) {
    uint64_t which = n;
    if (combinations > MAX_CALLS) which = (seed = seed * 6364136223846793005ull + 1442695040888963407ull) >> 16;
    for (unsigned i = 0; i < 6; i++) {
      call.arguments[i] = values[i][which % (unsigned)counts[i]];
      which /= (unsigned)counts[i];
    }
    const uint32_t ours = interpret(&state->profile->compiled, &call).action;
    compare_call(state, architecture, &call, ours, interpret(state->theirs, &call).action);
  }
}

static void compare_number(struct comparison *state, int architecture, uint32_t number) {
  struct call call = {.number = number, .audit = state->profile->architectures[architecture].audit};
  const struct verdict ours = interpret(&state->profile->compiled, &call);
  const struct verdict theirs = interpret(state->theirs, &call);
  // A program that looked at no argument on the way to its answer gives this answer for all of them. One that looked at
  // some may look at more with other values: then at all that the profile names.
  if ((ours.arguments | theirs.arguments) == 0) {
    compare_call(state, architecture, &call, ours.action, theirs.action);
    return;
  }
  unsigned arguments = ours.arguments | theirs.arguments;
  for (int i = 0; i < state->profile->rule_count; i++) {
    const struct rule *rule = &state->profile->rules[i];
    if (state->profile->names[rule->name].numbers[architecture] != number) continue;
    for (unsigned j = 0; j < rule->condition_count; j++) arguments |= 1u << rule->conditions[j].arg;
  }
  compare_arguments(state, architecture, call, arguments);
}

static void compare_tables(struct comparison *state) {
  const struct profile *profile = state->profile;
  for (int i = 0; i < profile->name_count; i++) {
    for (int j = 0; j < profile->architecture_count; j++) {
      const int64_t number = seccomp_syscall_resolve_name_arch(profile->architectures[j].token, profile->names[i].text);
      if (number < 0) continue;
      if (number == profile->names[i].numbers[j]) continue;
      if (state->table_differences++ > 0) continue;
      snprintf(state->table_example, sizeof(state->table_example), "%s on %s: %ld here, %ld there",
               profile->names[i].text, profile->architectures[j].name, (long)profile->names[i].numbers[j],
               (long)number);
    }
  }
}

static bool serves(const struct profile *profile, uint32_t audit, uint32_t base) {
  for (int i = 0; i < profile->architecture_count; i++) {
    if (profile->architectures[i].audit == audit && profile->architectures[i].base == base) return true;
  }
  return false;
}

static void compare_foreign_call(struct comparison *state, uint32_t audit, uint32_t number) {
  const struct call call = {.number = number, .audit = audit};
  const uint32_t ours = interpret(&state->profile->compiled, &call).action;
  const uint32_t theirs = interpret(state->theirs, &call).action;
  enum kind kind = ours == theirs ? SAME : WRONG;
  // The number of a call that a tracer skips is above all others.
  if (kind == WRONG && number == UINT32_MAX && state->profile->stub && ours == ENOSYS_ACTION) kind = STUB;
  struct finding *finding = &state->findings[kind];
  if (finding->count++ > 0) return;
  finding->example = call;
  finding->ours = ours;
  finding->theirs = theirs;
}

/** Architectures that the profile does not serve: nothing is explained here. */
static void compare_foreign(struct comparison *state) {
  const uint32_t x86_64 = 0xc000003e, x32 = 0x40000000;
  const uint32_t audits[] = {x86_64, 0x40000003, 0xc00000b7, 0x40000028, 0xc00000f3, 0x80000016, 0};
  for (unsigned i = 0; i < sizeof(audits) / sizeof(*audits); i++) {
    for (uint32_t number = 0; !serves(state->profile, audits[i], 0) && number <= LAST_NUMBER; number++) {
      compare_foreign_call(state, audits[i], number);
    }
    // A call that a tracer skips has the number -1.
    compare_foreign_call(state, audits[i], UINT32_MAX);
  }
  for (uint32_t number = 0; !serves(state->profile, x86_64, x32) && number <= LAST_NUMBER; number++) {
    compare_foreign_call(state, x86_64, x32 + number);
  }
}

static void print(const struct comparison *state, int refused) {
  const struct profile *profile = state->profile;
  printf("{\"id\":\"%s\",\"refused\":%d,\"ours\":%zu,\"theirs\":%zu,\"tables\":%lu,\"tableExample\":\"%s\",\"kinds\":{",
         profile->id, refused, profile->compiled.length, state->theirs->length, state->table_differences,
         state->table_example);
  const char *separator = "";
  for (int i = 0; i < KINDS; i++) {
    const struct finding *finding = &state->findings[i];
    if (finding->count == 0) continue;
    const struct call *call = &finding->example;
    printf("%s\"%s\":{\"count\":%lu,\"number\":%u,\"audit\":\"%x\",\"ours\":\"%x\",\"theirs\":\"%x\",\"arguments\":[",
           separator, kind_names[i], finding->count, call->number, call->audit, finding->ours, finding->theirs);
    for (int j = 0; j < 6; j++) printf("%s\"%llx\"", j > 0 ? "," : "", (unsigned long long)call->arguments[j]);
    printf("]}");
    separator = ",";
  }
  printf("}}\n");
}

void compare(struct profile *profile, const struct program *theirs, int refused) {
  struct comparison state = {.profile = profile, .theirs = theirs};
  compare_tables(&state);
  for (int i = 0; i < profile->architecture_count; i++) {
    const uint32_t base = profile->architectures[i].base;
    for (uint32_t number = 0; number <= LAST_NUMBER; number++) compare_number(&state, i, base + number);
    // The last number before the x32 bit.
    compare_number(&state, i, base + 0x3fffffff);
  }
  compare_foreign(&state);
  print(&state, refused);
}
