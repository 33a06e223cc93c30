// Reads profiles, each with the program that the compiler under test made of it; prints one line of JSON for each.
#include "oracle.h"

int main(void) {
  static struct profile profile;
  static struct program theirs;
  // All actions, whatever the kernel of this machine knows.
  seccomp_api_set(6);
  const struct scmp_version *version = seccomp_version();
  printf("{\"version\":\"%u.%u.%u\"}\n", version->major, version->minor, version->micro);
  while (read_profile(stdin, &profile)) {
    const int result = build(&profile, &theirs);
    // What the library takes for no filter is compared with the profile's own meaning alone.
    compare(&profile, result == 0 ? &theirs : &profile.compiled, -result);
  }
  return 0;
}
