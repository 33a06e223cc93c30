#include "image.h"

#include <limits.h>
#include <stdio.h>

#include <string>
#include <vector>

#include "file.h"
#include "immortal.h"
#include "load.h"

namespace runts::engine {

// In a section of its own, which the build replaces; and in none of the compiler's, which would be left out of the
// file.
[[gnu::section(".runts_image"), gnu::used]] alignas(4096) Image image = {};

namespace {

struct Range {
  uintptr_t from;
  uintptr_t to;
};

/** Everything mapped that is not the executable: addresses there are others in every process. */
std::vector<Range> foreign_ranges() {
  std::vector<Range> ranges;
  std::string executable;
  char line[PATH_MAX + 128];
  FILE* maps = fopen("/proc/self/maps", "re");
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    Range range = {};
    char path[PATH_MAX] = "";
    sscanf(line, "%lx-%lx %*s %*s %*s %*s %4095s", &range.from, &range.to, path);
    // The first mapping is the executable's, which has fixed addresses.
    if (executable.empty()) executable = path;
    if (path != executable) ranges.push_back(range);
  }
  if (maps != nullptr) fclose(maps);
  return ranges;
}

bool points_outside(const std::vector<Range>& ranges, JSRuntime* runtime) {
  auto* words = reinterpret_cast<const uintptr_t*>(&image);
  auto* own = reinterpret_cast<const uintptr_t*>(runtime);
  for (size_t i = 0; i < sizeof image / sizeof *words; i++) {
    // The runtime notes where the stack is, anew in every process.
    if (&words[i] >= own && &words[i] < own + arena.js_malloc_usable_size(runtime) / sizeof *words) continue;
    // Pointers are aligned; a number may still look like one, but hardly in two processes (scripts/build-binary.js
    // tries again).
    if (words[i] % alignof(void*) != 0) continue;
    for (const Range& range : ranges) {
      if (words[i] < range.from || words[i] >= range.to) continue;
      fprintf(stderr, "the image points outside: word %zu is %lx\n", i, words[i]);
      return true;
    }
  }
  return false;
}

}  // namespace

int make_image(const char* modules, const char* output) {
  const std::optional<std::string> table = read_file(modules);
  if (!table) return 1;
  image.arena.begin(image.heap, Image::HEAP);
  if (!load(reinterpret_cast<const unsigned char*>(table->data()))) return 1;
  make_immortal(image.context);
  JSRuntime* runtime = JS_GetRuntime(image.context);
  JS_RunGC(runtime);
  // What is left of the heap stays as it is in the file: commands get memory that is empty and no copy of a page.
  const char* end = image.arena.close();
  fprintf(stderr, "image: %zu bytes used\n", static_cast<size_t>(end - image.heap));
  image.filled = true;
  if (points_outside(foreign_ranges(), runtime)) return 1;
  return write_file(output, {reinterpret_cast<const char*>(&image), sizeof image}) ? 0 : 1;
}

}  // namespace runts::engine
