// A profile as lines of text, made by profile-text.ts:
//   profile ID DEFAULT STUB ORDER      action as SECCOMP_RET_* in hexadecimal; STUB: 1 with ENOSYS for newer calls;
//   ORDER: 1 big endian arch NAME AUDIT BASE BITS          libseccomp's name of the architecture; the machine's own
//   comes first name NAME NUMBER…                  one number for each architecture, -1: it has no such call rule
//   ACTION NAME-INDEX [ARGUMENT OP VALUE VALUE-TWO]… program HEX                        the compiler's program end
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

static void malformed(const char *line) {
  fprintf(stderr, "oracle: malformed line: %.80s\n", line);
  exit(2);
}

static char *word(char **rest) {
  char *found = strsep(rest, " \n");
  return found != NULL && *found != '\0' ? found : NULL;
}

static uint64_t number(char **rest, int base) {
  char *text = word(rest);
  if (text == NULL) malformed("number expected");
  return strtoull(text, NULL, base);
}

static void read_architecture(struct profile *profile, char *rest) {
  if (profile->architecture_count == MAX_ARCHITECTURES) malformed("too many architectures");
  struct architecture *entry = &profile->architectures[profile->architecture_count++];
  snprintf(entry->name, sizeof(entry->name), "%s", word(&rest));
  entry->token = seccomp_arch_resolve_name(entry->name);
  if (entry->token == 0) malformed(entry->name);
  entry->audit = (uint32_t)number(&rest, 16);
  entry->base = (uint32_t)number(&rest, 16);
  entry->narrow = number(&rest, 10) == 32;
}

static void read_name(struct profile *profile, char *rest) {
  if (profile->name_count == MAX_NAMES) malformed("too many names");
  struct name *entry = &profile->names[profile->name_count++];
  snprintf(entry->text, sizeof(entry->text), "%s", word(&rest));
  entry->known = seccomp_syscall_resolve_name(entry->text) != __NR_SCMP_ERROR;
  for (int i = 0; i < profile->architecture_count; i++) {
    entry->numbers[i] = strtoll(word(&rest), NULL, 10);
    const int number = seccomp_syscall_resolve_name_arch(profile->architectures[i].token, entry->text);
    // From -100 down to -299: calls that go through socketcall(2) and ipc(2), whether or not they have a number, too.
    entry->known_for[i] = number >= 0 || (number <= -100 && number > -300);
  }
}

static void read_rule(struct profile *profile, char *rest) {
  if (profile->rule_count == MAX_RULES) malformed("too many rules");
  struct rule *entry = &profile->rules[profile->rule_count++];
  memset(entry, 0, sizeof(*entry));
  entry->action = (uint32_t)number(&rest, 16);
  entry->name = (int)number(&rest, 10);
  for (char *argument; (argument = word(&rest)) != NULL;) {
    if (entry->condition_count == MAX_CONDITIONS) malformed("too many conditions");
    struct scmp_arg_cmp *condition = &entry->conditions[entry->condition_count++];
    condition->arg = (unsigned)atoi(argument);
    condition->op = (enum scmp_compare)number(&rest, 10);
    condition->datum_a = number(&rest, 10);
    condition->datum_b = number(&rest, 10);
  }
}

static void read_program(struct program *program, const char *text) {
  program->length = strcspn(text, "\n") / 16;
  if (program->length > BPF_MAXINSNS) malformed("program too long");
  uint8_t *bytes = (uint8_t *)program->instructions;
  for (size_t i = 0; i < program->length * 8; i++) {
    if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1) malformed("program");
  }
}

bool read_profile(FILE *input, struct profile *profile) {
  static char *line;
  static size_t capacity;
  profile->architecture_count = profile->name_count = profile->rule_count = 0;
  while (getline(&line, &capacity, input) > 0) {
    char *rest = line;
    const char *kind = word(&rest);
    if (kind == NULL) malformed(line);
    if (strcmp(kind, "end") == 0) return true;
    if (strcmp(kind, "profile") == 0) {
      snprintf(profile->id, sizeof(profile->id), "%s", word(&rest));
      profile->default_action = (uint32_t)number(&rest, 16);
      profile->stub = number(&rest, 10) == 1;
      profile->big_endian = number(&rest, 10) == 1;
    } else if (strcmp(kind, "arch") == 0) {
      read_architecture(profile, rest);
    } else if (strcmp(kind, "name") == 0) {
      read_name(profile, rest);
    } else if (strcmp(kind, "rule") == 0) {
      read_rule(profile, rest);
    } else if (strcmp(kind, "program") == 0) {
      read_program(&profile->compiled, rest);
      profile->compiled.big_endian = profile->big_endian;
      to_host(&profile->compiled);
    } else {
      malformed(kind);
    }
  }
  return false;
}
