#include "image.h"

#include <limits.h>
#include <stdio.h>

#include <string>
#include <string_view>

#include "file.h"
#include "immortal.h"
#include "load.h"

namespace runts::engine {

// In a section of its own, which the build replaces; and in none of the compiler's, which would be left out of the
// file.
[[gnu::section(".runts_image"), gnu::used]] alignas(4096) Image image = {};

namespace {

/** The linker's: where the executable ends, which has fixed addresses. */
extern "C" const char _end;

/**
 * Tells on stdout where this process has what every process has elsewhere, which the build compares (scripts/image.js).
 * The heap alone is not far from the executable, and may now and then be at the same place.
 */
void tell_addresses() {
  char line[PATH_MAX + 128];
  FILE* maps = fopen("/proc/self/maps", "re");
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    uintptr_t start = 0;
    char path[PATH_MAX] = "";
    sscanf(line, "%lx-%*s %*s %*s %*s %*s %4095s", &start, path);
    const std::string_view name = path;
    if (start < reinterpret_cast<uintptr_t>(&_end) || name == "[heap]" || name == "[vsyscall]") continue;
    printf("%lx %s\n", start, path);
  }
  if (maps != nullptr) fclose(maps);
}

}  // namespace

int make_image(const char* modules, const char* output, bool immortal) {
  const std::optional<std::string> table = read_file(modules);
  if (!table) return 1;
  image.arena.begin(image.heap, Image::HEAP);
  if (!load(reinterpret_cast<const unsigned char*>(table->data()), true)) return 1;
  if (immortal) make_immortal(image.context);
  JS_RunGC(JS_GetRuntime(image.context));
  forget_process(image.context);
  // What is left of the heap stays as it is in the file: commands get memory that is empty and no copy of a page.
  const char* end = image.arena.close();
  fprintf(stderr, "image: %zu bytes used\n", static_cast<size_t>(end - image.heap));
  image.filled = true;
  tell_addresses();
  return write_file(output, {reinterpret_cast<const char*>(&image), sizeof image}) ? 0 : 1;
}

}  // namespace runts::engine
