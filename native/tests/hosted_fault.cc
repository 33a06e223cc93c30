// A mistake at a place that init comes by: no file of the host is in reach any more. sanitized-spec.js looks whether it
// is reported.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>

namespace {

[[gnu::noinline]] char at(const char* text, int index) {
  return text[index];
}

}  // namespace

extern "C" int main(int count, char**) {
  char text[8] = "text";
  if (unshare(CLONE_NEWNS) != 0 || chroot("/proc/self/fdinfo") != 0 || chdir("/") != 0) return EXIT_FAILURE;
  return at(text, count + 7);
}
