#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runts::engine {

// Whole files, while the executable is built.

/** Nothing when it cannot be read. */
std::optional<std::string> read_file(const char* path);

/** @returns whether all of it was written */
bool write_file(const char* path, std::string_view content);

}  // namespace runts::engine
