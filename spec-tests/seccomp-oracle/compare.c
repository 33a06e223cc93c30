// Calls every number of every architecture in both programs, with boundary values in the arguments that either looks
// at, and sorts the differences by what the profile itself says of the call.
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

#define LAST_NUMBER 1100
#define MAX_VALUES 96
#define MAX_CALLS 1500
#define ENOSYS_ACTION 0x00050026u

/** Kinds of agreement, as README.md explains them; nothing explains WRONG. */
enum kind { SAME, STUB, NEWER, MULTIPLEXED, SWAPPED, FAULT, OVERLAP, WRONG, KINDS };

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

/** What the profile says of one call: a set of the actions of all rules that match. */
struct meaning {
  uint32_t actions[16];
  int count;
  bool newer;
};

static bool holds(const struct scmp_arg_cmp *condition, const struct call *call, bool narrow) {
  const uint64_t cut = narrow ? UINT32_MAX : UINT64_MAX;
  const uint64_t left = call->arguments[condition->arg] & cut;
  const uint64_t right = condition->datum_a & cut;
  switch (condition->op) {
    case SCMP_CMP_NE:
      return left != right;
    case SCMP_CMP_LT:
      return left < right;
    case SCMP_CMP_LE:
      return left <= right;
    case SCMP_CMP_EQ:
      return left == right;
    case SCMP_CMP_GE:
      return left >= right;
    case SCMP_CMP_GT:
      return left > right;
    case SCMP_CMP_MASKED_EQ:
      return (left & right) == (condition->datum_b & right);
    default:
      abort();
  }
}

static bool matches(const struct rule *rule, const struct call *call, bool narrow) {
  for (unsigned i = 0; i < rule->condition_count; i++) {
    if (!holds(&rule->conditions[i], call, narrow)) return false;
  }
  return true;
}

static void note_action(struct meaning *meaning, uint32_t action) {
  for (int i = 0; i < meaning->count; i++) {
    if (meaning->actions[i] == action) return;
  }
  if (meaning->count < 16) meaning->actions[meaning->count++] = action;
}

static bool means(const struct meaning *meaning, uint32_t action) {
  for (int i = 0; i < meaning->count; i++) {
    if (meaning->actions[i] == action) return true;
  }
  return false;
}

/** Whether a rule has a test that is no test: of 32 bits, or of no bit. */
static bool unconditional(const struct rule *rule, bool narrow) {
  for (unsigned i = 0; i < rule->condition_count; i++) {
    const struct scmp_arg_cmp *condition = &rule->conditions[i];
    if (condition->op != SCMP_CMP_MASKED_EQ) return false;
    if ((condition->datum_a & (narrow ? UINT32_MAX : UINT64_MAX)) != 0) return false;
  }
  return true;
}

static struct meaning meaning_of(const struct profile *profile, int architecture, const struct call *call) {
  const bool narrow = profile->architectures[architecture].narrow;
  struct meaning meaning = {.count = 0};
  for (int i = 0; i < profile->name_count; i++) {
    if (profile->names[i].numbers[architecture] != call->number) continue;
    if (!profile->names[i].known_for[architecture]) meaning.newer = true;
  }
  for (int i = 0; i < profile->rule_count; i++) {
    const struct rule *rule = &profile->rules[i];
    if (profile->names[rule->name].numbers[architecture] != call->number || !matches(rule, call, narrow)) continue;
    if (unconditional(rule, narrow)) {
      meaning.actions[0] = rule->action;
      meaning.count = 1;
      return meaning;
    }
    note_action(&meaning, rule->action);
  }
  if (meaning.count == 0) note_action(&meaning, profile->default_action);
  return meaning;
}

static int64_t largest_named(const struct profile *profile, int architecture) {
  int64_t largest = 0;
  for (int i = 0; i < profile->name_count; i++) {
    const int64_t number = profile->names[i].numbers[architecture];
    // 32-bit Arm has calls of its own far above all others.
    if (number > largest && number - profile->architectures[architecture].base < 0xf0000) largest = number;
  }
  return largest;
}

/** The stub of the compiler: ENOSYS for calls that are newer than the profile. */
static bool in_stub(const struct profile *profile, int architecture, const struct call *call) {
  if (!profile->stub) return false;
  // Where the kernel puts 0 for a number that it does not know.
  if (call->number == 0 && strncmp(profile->architectures[architecture].name, "s390", 4) == 0) return true;
  const int64_t largest = largest_named(profile, architecture);
  return largest > 0 && call->number > largest;
}

static bool is_permissive(uint32_t action) {
  return action >= 0x7ff00000u && action < 0x80000000u;
}

/**
 * A call through socketcall(2) or ipc(2), whose own arguments lie in memory. Pseudo numbers of libseccomp: -100 and
 * -200 minus the number of the call behind it.
 */
static enum kind judge_multiplexed(const struct profile *profile, int architecture, const struct call *call,
                                   bool socket, uint32_t ours, uint32_t theirs) {
  const uint64_t number = call->arguments[0] & (socket ? UINT32_MAX : 0xffff);
  char *name = number > 0 && number < 30
                   ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86, -(socket ? 100 : 200) - (int)number)
                   : NULL;
  struct meaning allowed = {.count = 0};
  bool untestable = number != call->arguments[0], always = false, decided = false;
  struct meaning own = meaning_of(profile, architecture, call);
  for (int i = 0; i < profile->rule_count; i++) {
    const struct rule *rule = &profile->rules[i];
    if (profile->names[rule->name].numbers[architecture] == call->number) {
      if (unconditional(rule, profile->architectures[architecture].narrow)) decided = true;
      untestable = true;
    }
    if (name == NULL || strcmp(profile->names[rule->name].text, name) != 0) continue;
    if (unconditional(rule, profile->architectures[architecture].narrow)) {
      if (!always) allowed.count = 0;
      if (!always) note_action(&allowed, rule->action);
      always = true;
    } else if (!always) {
      untestable = true;
      if (!is_permissive(rule->action)) note_action(&allowed, rule->action);
    }
  }
  free(name);
  if (!always) note_action(&allowed, profile->default_action);
  if (!means(&allowed, ours) && !means(&own, ours)) return WRONG;
  if (profile->big_endian && ours != theirs && theirs == __builtin_bswap32(ours)) return SWAPPED;
  return ours == theirs ? SAME : untestable && !decided ? MULTIPLEXED : WRONG;
}

/**
 * What libseccomp says of a call when it is given only the rules that match it, and its architecture. Others cannot
 * count (seccomp_rule_add(3): "all of the filter rules are combined into a union"), so another answer than before is a
 * fault of it.
 */
static uint32_t without_others(const struct profile *profile, int architecture, const struct call *call) {
  static struct profile reduced;
  static struct program program;
  reduced = *profile;
  reduced.rule_count = 0;
  reduced.architectures[0] = profile->architectures[architecture];
  reduced.architecture_count = 1;
  for (int i = 0; i < profile->rule_count; i++) {
    const struct rule *rule = &profile->rules[i];
    if (profile->names[rule->name].numbers[architecture] != call->number) continue;
    if (matches(rule, call, profile->architectures[architecture].narrow)) reduced.rules[reduced.rule_count++] = *rule;
  }
  // Asked again and again for the same rules while the arguments vary.
  static struct profile before;
  if (reduced.rule_count != before.rule_count || reduced.architectures[0].token != before.architectures[0].token ||
      strcmp(reduced.id, before.id) != 0 ||
      memcmp(reduced.rules, before.rules, sizeof(*reduced.rules) * (size_t)reduced.rule_count) != 0) {
    before = reduced;
    if (build(&reduced, &program) != 0) program.length = 0;
  }
  return program.length == 0 ? UINT32_MAX : interpret(&program, call).action;
}

static enum kind judge(const struct profile *profile, int architecture, const struct call *call, uint32_t ours,
                       uint32_t theirs) {
  if (in_stub(profile, architecture, call)) {
    if (ours != ENOSYS_ACTION) return WRONG;
    if (profile->big_endian && theirs == __builtin_bswap32(profile->default_action)) return SWAPPED;
    return theirs == ours ? SAME : theirs == profile->default_action ? STUB : WRONG;
  }
  char *multiplexer = seccomp_syscall_resolve_num_arch(profile->architectures[architecture].token, (int)call->number);
  const bool socket = multiplexer != NULL && strcmp(multiplexer, "socketcall") == 0;
  const bool ipc = multiplexer != NULL && strcmp(multiplexer, "ipc") == 0;
  free(multiplexer);
  if (socket || ipc) return judge_multiplexed(profile, architecture, call, socket, ours, theirs);
  const struct meaning meaning = meaning_of(profile, architecture, call);
  if (!means(&meaning, ours)) return WRONG;
  if (ours == theirs) return SAME;
  if (meaning.newer) return NEWER;
  if (profile->big_endian && ours != theirs && theirs == __builtin_bswap32(ours)) return SWAPPED;
  const uint32_t alone = without_others(profile, architecture, call);
  if (alone == ours) return FAULT;
  return means(&meaning, alone) ? OVERLAP : WRONG;
}

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
