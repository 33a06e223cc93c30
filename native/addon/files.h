#pragma once

#include <cstddef>
#include <string>

namespace runts::addon {

/** Everything up to the end of the file; EFBIG beyond `limit`. Sizes are not asked for: they are 0 in proc and cgroup
 * files. */
std::string read_all(int fd, size_t limit, const char* path = nullptr);

/** Whether an errno says that a control file or its cgroup is not there, or does not apply (threaded cgroups). */
bool is_absent(int error);

}  // namespace runts::addon
