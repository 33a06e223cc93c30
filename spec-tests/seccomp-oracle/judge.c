// Sorts one call by what the profile itself says of it.
#include "judge.h"

#include <stdlib.h>
#include <string.h>

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

enum kind judge(const struct profile *profile, int architecture, const struct call *call, uint32_t ours,
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
