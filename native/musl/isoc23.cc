/** What libstdc++, made for a glibc since 2.38, wants from the C library. */
#include <stdlib.h>

extern "C" {

/** Names of glibc since 2.38 for functions of C23, which read binary numbers, too: nothing reads such here. */
long __isoc23_strtol(const char* text, char** end, int base) {
  return strtol(text, end, base);
}

unsigned long __isoc23_strtoul(const char* text, char** end, int base) {
  return strtoul(text, end, base);
}

}  // extern "C"
