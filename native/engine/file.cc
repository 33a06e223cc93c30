#include "file.h"

#include <stdio.h>

namespace runts::engine {

std::optional<std::string> read_file(const char* path) {
  FILE* file = fopen(path, "re");
  if (file == nullptr) return std::nullopt;
  std::string content;
  char part[65536];
  for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;) content.append(part, size);
  fclose(file);
  return content;
}

bool write_file(const char* path, std::string_view content) {
  FILE* file = fopen(path, "we");
  return file != nullptr && fwrite(content.data(), 1, content.size(), file) == content.size() && fclose(file) == 0;
}

}  // namespace runts::engine
