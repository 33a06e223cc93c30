// libseccomp's program for a profile, asked for as runc asks for it.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle.h"

static int export_program(scmp_filter_ctx context, const struct profile *profile, struct program *program) {
  int file = memfd_create("program", 0);
  if (file < 0) return -errno;
  int result = seccomp_export_bpf(context, file);
  if (result == 0) {
    ssize_t size = pread(file, program->instructions, sizeof(program->instructions), 0);
    if (size < 0) result = -errno;
    program->length = (size_t)size / sizeof(struct sock_filter);
    program->big_endian = profile->big_endian;
    to_host(program);
  }
  close(file);
  return result;
}

static int add_architectures(scmp_filter_ctx context, const struct profile *profile) {
  const uint32_t wanted = profile->architectures[0].token;
  if (wanted != seccomp_arch_native()) {
    int result = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
    if (result != 0) return result;
  }
  for (int i = 0; i < profile->architecture_count; i++) {
    int result = seccomp_arch_add(context, profile->architectures[i].token);
    if (result != 0 && result != -EEXIST) return result;
  }
  return 0;
}

static int add_rules(scmp_filter_ctx context, const struct profile *profile) {
  for (int i = 0; i < profile->rule_count; i++) {
    const struct rule *rule = &profile->rules[i];
    const struct name *name = &profile->names[rule->name];
    // The library takes numbers of the architecture it runs on, pseudo numbers for calls that this one lacks.
    if (!name->known) continue;
    int number = seccomp_syscall_resolve_name(name->text);
    int result = seccomp_rule_add_array(context, rule->action, number, rule->condition_count, rule->conditions);
    if (result != 0) return result;
  }
  return 0;
}

int build(const struct profile *profile, struct program *program) {
  scmp_filter_ctx context = seccomp_init(profile->default_action);
  if (context == NULL) return -EINVAL;
  int result = add_architectures(context, profile);
  // runc sets this one: a tracer may leave -1 as the number of a call that it skips.
  if (result == 0) result = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);
  if (result == 0) result = add_rules(context, profile);
  if (result == 0) result = export_program(context, profile, program);
  seccomp_release(context);
  return result;
}
